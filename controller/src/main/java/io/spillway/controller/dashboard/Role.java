package io.spillway.controller.dashboard;

/** What a signed-in person may do. */
enum Role {
  /** Look. */
  VIEWER,
  /** Look, stop egresses, send webhooks again, drain and replace nodes. */
  ADMIN;

  /** As it stands in a cookie and in JSON. */
  String word() {
    return switch (this) {
      case VIEWER -> "viewer";
      case ADMIN -> "admin";
    };
  }
}
