package io.spillway.controller.repair;

import io.spillway.core.fleet.RepairLadder.Outcome;
import io.spillway.core.fleet.RepairLadder.Step;
import io.spillway.store.fleet.NodeStep;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A step of a repair as it stands in the node's history, where other changes of the node stand too.
 *
 * @param atUnixNanos by the store's clock
 * @param text what was done, or why, for people
 */
public record RepairNote(long atUnixNanos, Step step, Outcome outcome, String text) {
  private static final Pattern WORDS =
      Pattern.compile("repair, (rebuild|replace|drain|kill) (asked|begun|done|failed): (.*)");

  /** As the reason of a change in the node's history. */
  String words() {
    return "repair, %s %s: %s".formatted(word(step), word(outcome), text);
  }

  private static String word(Enum<?> one) {
    return one.name().toLowerCase(Locale.ROOT);
  }

  /** Whether a change with this reason is one. */
  static boolean isNote(String reason) {
    return WORDS.matcher(reason).matches();
  }

  /** The note that a change in a node's history is; empty when it is another change. */
  static Optional<RepairNote> of(NodeStep change) {
    Matcher words = WORDS.matcher(change.reason());
    if (!words.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new RepairNote(
            change.atNanos(),
            Step.valueOf(words.group(1).toUpperCase(Locale.ROOT)),
            Outcome.valueOf(words.group(2).toUpperCase(Locale.ROOT)),
            words.group(3)));
  }
}
