package io.spillway.app.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;

/**
 * A YAML document as a tree that remembers lines, so that every complaint can name one. Built from
 * Jackson's token stream: its data binding loses the line for records and lets a doubled key pass
 * (the last wins), which hides mistakes.
 */
sealed interface YamlValue {
  /** The line it starts at, from 1. */
  int line();

  /**
   * Text as written; {@code "null"}, {@code "true"} and numbers too.
   *
   * @param isText whether YAML takes it for text, not for a number, true, false or null
   */
  record Scalar(int line, String text, boolean isText) implements YamlValue {}

  /** A list. */
  record Sequence(int line, List<YamlValue> items) implements YamlValue {}

  /** Keys in the order of the file. */
  record Mapping(int line, Map<String, YamlValue> entries) implements YamlValue {
    /** A copy in which these values, at line 0, replace or join what is there. */
    Mapping with(Map<String, String> flags) {
      Mapping out = new Mapping(line, new LinkedHashMap<>(entries));
      flags.forEach(out::put);
      return out;
    }

    private void put(String path, String text) {
      int dot = path.indexOf('.');
      if (dot < 0) {
        entries.put(path, new Scalar(0, text, true));
        return;
      }
      String section = path.substring(0, dot);
      Mapping below =
          entries.get(section) instanceof Mapping there ? there : new Mapping(0, Map.of());
      entries.put(section, below.with(Map.of(path.substring(dot + 1), text)));
    }
  }

  /** Nesting deeper than this is a mistake or an attack. */
  int DEPTH_MAX = 32;

  /** Parses the first document; an empty one is an empty mapping. */
  static Mapping parse(String file, String text) {
    try (JsonParser parser = new YAMLFactory().createParser(ObjectReadContext.empty(), text)) {
      JsonToken first = parser.nextToken();
      if (first == null || first == JsonToken.VALUE_NULL) {
        return new Mapping(1, Map.of());
      }
      if (first != JsonToken.START_OBJECT) {
        throw ConfigException.at(file, line(parser), "expected 'key: value' lines");
      }
      return mapping(file, parser, 0);
    } catch (JacksonException broken) {
      TokenStreamLocation where = broken.getLocation();
      int line = where == null ? 1 : Math.max(1, where.getLineNr());
      throw ConfigException.at(file, line, "not YAML: " + firstLine(broken.getOriginalMessage()));
    }
  }

  private static Mapping mapping(String file, JsonParser parser, int depth) {
    int line = line(parser);
    if (depth > DEPTH_MAX) {
      throw ConfigException.at(file, line, "nested deeper than " + DEPTH_MAX);
    }
    Map<String, YamlValue> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      int keyLine = line(parser);
      parser.nextToken();
      YamlValue before = entries.put(key, value(file, parser, depth));
      if (before != null) {
        throw ConfigException.at(
            file, keyLine, "'" + key + "' is given twice (first at line " + before.line() + ")");
      }
    }
    return new Mapping(line, entries);
  }

  private static YamlValue value(String file, JsonParser parser, int depth) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(file, parser, depth + 1);
      case START_ARRAY -> {
        int line = line(parser);
        List<YamlValue> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(value(file, parser, depth + 1));
        }
        yield new Sequence(line, items);
      }
      default ->
          new Scalar(
              line(parser), parser.getString(), parser.currentToken() == JsonToken.VALUE_STRING);
    };
  }

  private static int line(JsonParser parser) {
    return Math.max(1, parser.currentTokenLocation().getLineNr());
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }
}
