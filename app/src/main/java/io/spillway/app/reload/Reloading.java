package io.spillway.app.reload;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration again when it is run, hands over what can be taken while serving, and
 * names what has to wait for a restart. A configuration with a mistake changes nothing.
 * Thread-safe.
 */
public final class Reloading<C> implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Reloading.class);

  private final C started;
  private final List<Part<C>> parts;
  private final Supplier<C> read;
  private final Consumer<C> take;
  private C current;

  /**
   * Keys that are looked at together.
   *
   * @param name of the key or section, as in the file
   * @param taken whether a change of it is taken while serving
   */
  public record Part<C>(String name, Function<C, Object> value, boolean taken) {
    /** Of a configuration that holds the one that this part is of. */
    <D> Part<D> of(Function<D, C> inner) {
      return new Part<>(name, whole -> value.apply(inner.apply(whole)), taken);
    }
  }

  /** What came of it: keys whose change is in force, and those that wait for a restart. */
  record Outcome(List<String> taken, List<String> waiting) {}

  /**
   * Nothing is read before it is run.
   *
   * @param started what the process began with
   * @param read reads it again; throws what is wrong with it
   * @param take makes the taken parts of a configuration count; throws when they don't fit together
   */
  public Reloading(C started, List<Part<C>> parts, Supplier<C> read, Consumer<C> take) {
    this.started = started;
    this.current = started;
    this.parts = List.copyOf(parts);
    this.read = read;
    this.take = take;
  }

  /** Reloads, and says in the log what came of it. */
  @Override
  public void run() {
    Optional<Outcome> outcome = reload();
    outcome
        .filter(it -> !it.waiting().isEmpty())
        .ifPresent(it ->
            LOG.atWarn()
                .addKeyValue("waiting", it.waiting())
                .log("configuration: these keys have changed and wait for a restart"));
    outcome.ifPresent(
        it -> LOG.atInfo().addKeyValue("taken", it.taken()).log("configuration was read again"));
  }

  /** Empty when it could not be used. */
  synchronized Optional<Outcome> reload() {
    try {
      C after = read.get();
      List<String> taken = new ArrayList<>();
      List<String> waiting = new ArrayList<>();
      for (Part<C> part : parts) {
        Object before = part.value().apply(part.taken() ? current : started);
        if (!before.equals(part.value().apply(after))) {
          (part.taken() ? taken : waiting).add(part.name());
        }
      }
      if (!taken.isEmpty()) {
        take.accept(after);
      }
      current = after;
      return Optional.of(new Outcome(taken, waiting));
    } catch (RuntimeException mistake) {
      LOG.atError()
          .addKeyValue("error", mistake.getMessage())
          .log("configuration can't be used: all stays as it was");
      return Optional.empty();
    }
  }
}
