package io.spillway.media.ffmpeg;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A child process that ran to its end.
 *
 * @param exitCode 0 for success
 * @param output the first megabytes of its standard output
 * @param errors the first megabytes of its standard error
 */
public record ProgramRun(int exitCode, String output, String errors) {
  private static final int MAX_OUTPUT_BYTES = 8 << 20;
  private static final Duration DRAIN_LIMIT = Duration.ofSeconds(5);

  /** Runs a command with an empty environment, but for where its libraries lie. */
  static ProgramRun of(List<String> command, Path libraries, Duration limit) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().put("LD_LIBRARY_PATH", libraries.toString());
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      AtomicReference<String> output = new AtomicReference<>("");
      AtomicReference<String> errors = new AtomicReference<>("");
      Thread outputReader = reader(process.getInputStream(), output);
      Thread errorReader = reader(process.getErrorStream(), errors);
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(command + " didn't end within " + limit + " and was killed");
      }
      outputReader.join(DRAIN_LIMIT);
      errorReader.join(DRAIN_LIMIT);
      return new ProgramRun(process.exitValue(), output.get(), errors.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(command + " was killed: its caller was interrupted");
    } finally {
      process.destroyForcibly();
    }
  }

  private static Thread reader(InputStream stream, AtomicReference<String> into) {
    // A read from a pipe holds its thread: of a virtual one it would hold the carrier, of which
    // there are few.
    return Thread.ofPlatform()
        .name("program-output")
        .daemon(true)
        .start(() -> {
          try (stream) {
            byte[] start = stream.readNBytes(MAX_OUTPUT_BYTES);
            into.set(new String(start, StandardCharsets.UTF_8));
            stream.transferTo(OutputStream.nullOutputStream());
          } catch (IOException e) {
            into.set(into.get() + "\n[output lost: " + e.getMessage() + "]");
          }
        });
  }
}
