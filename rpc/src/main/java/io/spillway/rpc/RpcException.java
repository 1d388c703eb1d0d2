package io.spillway.rpc;

import com.google.protobuf.Any;
import java.util.List;

/** A call that failed: the code for programs, the message for people. */
public final class RpcException extends RuntimeException {
  private final RpcCode code;
  private final transient List<Any> details;

  /** With a text that says what was tried and what follows. */
  public RpcException(RpcCode code, String message) {
    this(code, message, List.of());
  }

  /** As above, with what caused it. */
  public RpcException(RpcCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.details = List.of();
  }

  /** As above, with the messages that travel along as psrpc's error details. */
  public RpcException(RpcCode code, String message, List<Any> details) {
    super(message);
    this.code = code;
    this.details = List.copyOf(details);
  }

  /** What kind of failure it is. */
  public RpcCode code() {
    return code;
  }

  /** What the server sent along with its error; mostly empty. */
  public List<Any> details() {
    return details;
  }
}
