package io.spillway.bench.stage;

import io.spillway.app.command.OutcomeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A folder for what a measurement writes, below the system's temporary one. */
public final class Scratch {
  private Scratch() {}

  /** What is done in it. */
  @FunctionalInterface
  public interface Work<R> {
    R in(Path folder) throws IOException, InterruptedException;
  }

  /**
   * Works in a new folder, which goes when that went well; otherwise it stays, with the logs in it.
   *
   * @throws OutcomeException when the disk or a process failed
   */
  public static <R> R with(Work<R> work) throws InterruptedException {
    try {
      Path folder = Files.createTempDirectory("spillway-bench-");
      R result = work.in(folder);
      Stage.delete(folder);
      return result;
    } catch (IOException failed) {
      throw new OutcomeException(String.valueOf(failed.getMessage()), failed);
    }
  }
}
