package io.spillway.storage;

/** What a file name template may hold besides {@code {time}}, {@code {utc}} and {@code {retry}}. */
public enum Placeholder {
  ROOM_ID("{room_id}"),
  ROOM_NAME("{room_name}"),
  PUBLISHER_IDENTITY("{publisher_identity}"),
  TRACK_ID("{track_id}"),
  /** {@code audio} or {@code video}. */
  TRACK_TYPE("{track_type}"),
  /** In lower case: {@code camera}, {@code microphone}, {@code screen_share} … */
  TRACK_SOURCE("{track_source}");

  private final String text;

  Placeholder(String text) {
    this.text = text;
  }

  /** As it is written in a template, braces included. */
  public String text() {
    return text;
  }
}
