package io.spillway.app.client;

/**
 * A request that was not answered with what was asked for. {@link #code} is Twirp's word ({@code
 * not_found}, {@code unauthenticated}, …), or {@code unreachable} when nobody answered at all.
 */
public final class ApiException extends RuntimeException {
  /** The code when no answer came. */
  public static final String UNREACHABLE = "unreachable";

  private final String code;

  ApiException(String code, String message) {
    super(message);
    this.code = code;
  }

  ApiException(String code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** The server's word for what went wrong. */
  public String code() {
    return code;
  }

  /** Whether nobody answered: another try may help. */
  public boolean unreachable() {
    return code.equals(UNREACHABLE);
  }
}
