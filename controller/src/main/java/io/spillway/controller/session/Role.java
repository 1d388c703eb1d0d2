package io.spillway.controller.session;

/** What a signed-in person may do. */
public enum Role {
  /** Look. */
  VIEWER,
  /** Look, stop egresses, send webhooks again, drain and replace nodes. */
  ADMIN;

  /** As it stands in a cookie and in JSON. */
  public String word() {
    return switch (this) {
      case VIEWER -> "viewer";
      case ADMIN -> "admin";
    };
  }
}
