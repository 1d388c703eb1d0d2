package io.spillway.rpc;

import com.google.protobuf.Any;
import java.util.List;

/** A call that failed: the code for programs, the message for people. */
public final class RpcException extends RuntimeException {
  private final RpcCode code;
  private final transient List<Any> details;
  private final boolean mayHaveRun;

  /** With a text that says what was tried and what follows. */
  public RpcException(RpcCode code, String message) {
    this(code, message, List.of());
  }

  /** As above, with what caused it. */
  public RpcException(RpcCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.details = List.of();
    this.mayHaveRun = code == RpcCode.DEADLINE_EXCEEDED;
  }

  /** As above, with the messages that travel along as psrpc's error details. */
  public RpcException(RpcCode code, String message, List<Any> details) {
    this(code, message, details, code == RpcCode.DEADLINE_EXCEEDED);
  }

  private RpcException(RpcCode code, String message, List<Any> details, boolean mayHaveRun) {
    super(message);
    this.code = code;
    this.details = List.copyOf(details);
    this.mayHaveRun = mayHaveRun;
  }

  /** For a call without an answer although a server was told to carry it out. */
  public static RpcException unanswered(RpcCode code, String message) {
    return new RpcException(code, message, List.of(), true);
  }

  /** What kind of failure it is. */
  public RpcCode code() {
    return code;
  }

  /**
   * Whether a server may have carried the request out although no answer came: whether calling
   * again could do a thing twice.
   */
  public boolean mayHaveRun() {
    return mayHaveRun;
  }

  /** What the server sent along with its error; mostly empty. */
  public List<Any> details() {
    return details;
  }
}
