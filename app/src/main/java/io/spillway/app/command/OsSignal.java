package io.spillway.app.command;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * What a signal of the operating system does.
 *
 * <p>The class behind it, sun.misc.Signal of the module jdk.unsupported, is looked up by name, the
 * one such look-up in Spillway: javac warns of each direct use in a way that nothing switches off
 * while warnings are errors (tried: SuppressWarnings, -XDenableSunApiLintControl,
 * -XDignore.symbol.file).
 */
public final class OsSignal {
  private OsSignal() {}

  /**
   * Runs {@code task} at each signal of this name from now on, on a thread of the JVM's own, and
   * nothing else: the JVM doesn't end for it any more.
   *
   * @param name without SIG: {@code TERM}, {@code HUP}
   */
  public static void handle(String name, Runnable task) {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      MethodHandle run =
          lookup.findVirtual(Runnable.class, "run", MethodType.methodType(void.class)).bindTo(task);
      Object listener =
          MethodHandleProxies.asInterfaceInstance(
              handler, MethodHandles.dropArguments(run, 0, signal));
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
}
