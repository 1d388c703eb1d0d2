package io.spillway.rtc.signal;

/** A session description that can't be used; the text says why. Ends one negotiation only. */
public final class SdpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SdpException(String message) {
    super(message);
  }
}
