package io.spillway.app.process;

/** What a process serves. Opened by its constructor. */
public interface Serving extends AutoCloseable {
  /** Serves from now on. */
  void start() throws InterruptedException;

  @Override
  void close();
}
