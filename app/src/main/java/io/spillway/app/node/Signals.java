package io.spillway.app.node;

import io.spillway.core.bounded.Mailbox;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.Optional;

/**
 * SIGTERM and SIGINT as messages. A shutdown hook would not do: it hears only the first signal, and
 * the JVM's exit code is then the signal's, which an orchestrator takes for a failure.
 *
 * <p>The class behind it, sun.misc.Signal of the module jdk.unsupported, is looked up by name, the
 * one such look-up in Spillway: javac warns of each direct use in a way that nothing switches off
 * while warnings are errors (tried: SuppressWarnings, -XDenableSunApiLintControl,
 * -XDignore.symbol.file).
 */
final class Signals {
  /** What was asked for. */
  enum Wish {
    /** SIGTERM: let recordings go on to their end. */
    DRAIN,
    /** SIGINT: end them now. */
    END
  }

  private final Mailbox<Wish> wishes = Mailbox.bounded(8, Mailbox.Overflow.DROP_NEWEST);
  private final TimeSource time;

  /** Takes the signals from now on, for the rest of the process. */
  Signals(TimeSource time) {
    this.time = time;
    handle("TERM", Wish.DRAIN);
    handle("INT", Wish.END);
  }

  private void handle(String name, Wish wish) {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      MethodHandle tell =
          lookup.bind(this, "tell", MethodType.methodType(void.class, Wish.class)).bindTo(wish);
      Object listener =
          MethodHandleProxies.asInterfaceInstance(
              handler, MethodHandles.dropArguments(tell, 0, signal));
      Object subject =
          lookup
              .findConstructor(signal, MethodType.methodType(void.class, String.class))
              .invoke(name);
      Object _ =
          lookup
              .findStatic(signal, "handle", MethodType.methodType(handler, signal, handler))
              .invoke(subject, listener);
    } catch (Throwable missing) {
      throw new IllegalStateException("SIG" + name + " can't be handled by this JVM", missing);
    }
  }

  /** On a thread of the JVM's own. Found by its name above: not private, or nobody would use it. */
  void tell(Wish wish) {
    boolean _ = wishes.offer(wish);
  }

  /** The next wish, if one comes within {@code wait}. */
  Optional<Wish> next(Duration wait) throws InterruptedException {
    return wishes.take(Deadline.in(time, wait));
  }
}
