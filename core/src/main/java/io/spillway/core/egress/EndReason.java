package io.spillway.core.egress;

/** Why an egress came to its end, in LiveKit's words for {@code EgressInfo.details}. */
public enum EndReason {
  STOP_CALLED("StopEgress API"),
  SOURCE_CLOSED("Source closed"),
  LIMIT_REACHED("Session limit reached"),
  PROCESS_KILLED("Process killed"),
  FAILURE("Failure");

  private final String words;

  EndReason(String words) {
    this.words = words;
  }

  /** The whole text for {@code details}. */
  public String details() {
    return "End reason: " + words;
  }
}
