package io.spillway.app.config;

import io.spillway.controller.repair.LocalSupervisor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Reads the section {@code supervisor} of a controller. */
final class SupervisorSection {
  private static final Duration USUAL_GRACE = Duration.ofDays(1);

  private SupervisorSection() {}

  /** Nobody when there is no such section. */
  static SupervisorConfig read(Section root, Path data) {
    Section section = root.section("supervisor");
    boolean local = section.has("local");
    boolean kubernetes = section.has("kubernetes");
    if (local && kubernetes) {
      throw section.problem("local", "give local or kubernetes, not both");
    }
    if (local) {
      return local(section.section("local"), data);
    }
    return kubernetes ? kubernetes(section.section("kubernetes")) : new SupervisorConfig.None();
  }

  private static SupervisorConfig local(Section section, Path data) {
    List<String> command = section.strings("command");
    if (command.stream().noneMatch(word -> word.contains(LocalSupervisor.DATA))) {
      throw section.problem(
          "command",
          "expected a list of words with %s where the node's data folder goes, like [spillway,"
                  .formatted(LocalSupervisor.DATA)
              + " node, --config, node.yaml, --data, '%s']".formatted(LocalSupervisor.DATA));
    }
    Path folders = section.string("folders").map(Path::of).orElseGet(() -> data.resolve("nodes"));
    return new SupervisorConfig.Local(command, folders.toAbsolutePath().normalize());
  }

  private static SupervisorConfig kubernetes(Section section) {
    Map<String, String> labels = section.texts("labels");
    if (labels.isEmpty()) {
      throw section.problem(
          "labels", "expected at least one label that every node's pod has, like {app: egress}");
    }
    Duration grace = section.duration("drain_grace").orElse(USUAL_GRACE);
    if (grace.toSeconds() < 1) {
      throw section.problem("drain_grace", "expected at least 1s: recordings end within it");
    }
    return new SupervisorConfig.Kubernetes(section.string("namespace").orElse(""), labels, grace);
  }
}
