package io.spillway.rpc;

/** A call that failed: the code for programs, the message for people. */
public final class RpcException extends RuntimeException {
  private final RpcCode code;

  /** With a text that says what was tried and what follows. */
  public RpcException(RpcCode code, String message) {
    super(message);
    this.code = code;
  }

  /** As above, with what caused it. */
  public RpcException(RpcCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** What kind of failure it is. */
  public RpcCode code() {
    return code;
  }
}
