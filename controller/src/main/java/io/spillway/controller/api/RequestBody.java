package io.spillway.controller.api;

import io.javalin.http.Context;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;

/** Reads a request's body within a size and a time, whatever its head says about its length. */
final class RequestBody {
  private static final int CHUNK = 16 * 1024;

  private final ApiSettings settings;
  private final TimeSource time;

  RequestBody(ApiSettings settings, TimeSource time) {
    this.settings = settings;
    this.time = time;
  }

  /**
   * The whole body.
   *
   * @throws TooLargeException beyond the limit
   * @throws TwirpException when it does not come in time
   */
  byte[] read(Context request) {
    if (request.req().getContentLengthLong() > settings.bodyLimitBytes()) {
      throw new TooLargeException();
    }
    Deadline deadline = Deadline.in(time, settings.bodyTimeout());
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] chunk = new byte[CHUNK];
    try {
      InputStream in = request.req().getInputStream();
      for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
        body.write(chunk, 0, count);
        if (body.size() > settings.bodyLimitBytes()) {
          throw new TooLargeException();
        }
        if (deadline.hasPassed()) {
          throw late();
        }
      }
    } catch (IOException brokenOff) {
      // A silent client: Jetty's idle time-out ends the read. Or the client is gone.
      throw late();
    }
    return body.toByteArray();
  }

  private TwirpException late() {
    return new TwirpException(
        TwirpCode.DEADLINE_EXCEEDED,
        "failed to read request: it did not come within " + settings.bodyTimeout());
  }

  /** Longer than allowed; livekit-server answers 413 with a bare text. */
  static final class TooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooLargeException() {
      super("request body too large", null, false, false);
    }
  }
}
