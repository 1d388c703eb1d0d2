package io.spillway.store.sql;

/**
 * Where several controllers keep their common store.
 *
 * @param url {@code jdbc:postgresql://host:port/database?…}
 * @param connections the most that one controller holds open
 */
public record PostgresSettings(String url, String user, String password, int connections) {
  /** Checks the kind of URL. */
  public PostgresSettings {
    if (!url.startsWith("jdbc:postgresql:") || connections < 1) {
      throw new IllegalArgumentException(
          "need a URL that begins with jdbc:postgresql: and at least one connection, was '%s', %d"
              .formatted(url, connections));
    }
  }

  @Override
  public String toString() {
    String shown = url.replaceAll("(?i)(password=)[^&]*", "$1***"); // sslpassword as well
    return "PostgresSettings[url=" + shown + ", connections=" + connections + "]"; // no password
  }
}
