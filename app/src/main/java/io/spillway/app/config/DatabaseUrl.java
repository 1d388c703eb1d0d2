package io.spillway.app.config;

import io.spillway.store.sql.PostgresSettings;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A PostgreSQL address as people write it: libpq's {@code postgres://user:password@host/database}
 * or JDBC's. Name and password are taken out of it, so that what is left may be shown.
 *
 * @param server host and port, or several with commas
 * @param parameters for the driver, {@code sslmode} for example
 */
record DatabaseUrl(
    String server, String database, String user, String password, Map<String, String> parameters) {
  private static final Pattern FORM =
      Pattern.compile(
          "(?:jdbc:)?postgres(?:ql)?://"
              + "(?:(?<user>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?"
              + "(?<server>[^@/?\\s]+)/(?<database>[^@/?\\s]+)(?:\\?(?<rest>\\S*))?");

  /** Reads one; empty when it isn't one. */
  static Optional<DatabaseUrl> read(String text) {
    Matcher parts = FORM.matcher(text);
    if (!parts.matches()) {
      return Optional.empty();
    }
    try {
      Map<String, String> parameters = parameters(group(parts, "rest"));
      String user = parameters.remove("user");
      String password = parameters.remove("password");
      return Optional.of(
          new DatabaseUrl(
              group(parts, "server"),
              group(parts, "database"),
              user == null ? decoded(group(parts, "user")) : decoded(user),
              password == null ? decoded(group(parts, "password")) : decoded(password),
              parameters));
    } catch (IllegalArgumentException badlyEncoded) {
      return Optional.empty();
    }
  }

  /** What the store needs; a name or password given beside the address beats the one in it. */
  PostgresSettings settings(String userBeside, String passwordBeside, int connections) {
    String query =
        parameters.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining("&"));
    return new PostgresSettings(
        "jdbc:postgresql://" + server + "/" + database + (query.isEmpty() ? "" : "?" + query),
        userBeside.isEmpty() ? user : userBeside,
        passwordBeside.isEmpty() ? password : passwordBeside,
        connections);
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> found = new LinkedHashMap<>();
    for (String each : query.split("&", -1)) {
      int equals = each.indexOf('=');
      if (equals > 0) {
        found.put(each.substring(0, equals), each.substring(equals + 1));
      }
    }
    return found;
  }

  private static String group(Matcher parts, String name) {
    String found = parts.group(name);
    return found == null ? "" : found;
  }

  /** Percent signs only: a plus in a password is a plus. */
  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "DatabaseUrl[" + server + "/" + database + "]";
  }
}
