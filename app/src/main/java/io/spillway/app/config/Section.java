package io.spillway.app.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A mapping of the file, read key by key. It remembers which keys were asked for, so that what is
 * left over can be named. A key with an empty or null value counts as absent, as in Go. Not
 * thread-safe.
 */
final class Section {
  private final String file;
  private final String path;
  private final Map<String, YamlValue> entries;
  private final Set<String> known = new HashSet<>();
  private final List<Section> children = new ArrayList<>();

  Section(String file, String path, YamlValue.Mapping mapping) {
    this.file = file;
    this.path = path;
    this.entries = mapping.entries();
  }

  Optional<String> string(String key) {
    return scalar(key).map(YamlValue.Scalar::text);
  }

  Optional<Boolean> flag(String key) {
    return parsed(key, "true or false", Section::toFlag);
  }

  Optional<Double> number(String key) {
    return parsed(key, "a number", Section::toNumber);
  }

  /** A whole number within bounds. */
  Optional<Integer> whole(String key, int lowest, int highest) {
    return parsed(
        key,
        "a whole number from " + lowest + " to " + highest,
        text -> toWhole(text).filter(n -> n >= lowest && n <= highest).map(Math::toIntExact));
  }

  Optional<Duration> duration(String key) {
    return parsed(key, "a duration like 90s, 1h30m or 500ms", Units::duration);
  }

  Optional<Long> bytes(String key) {
    return parsed(key, "a size like 500MB, 2GiB or a number of bytes", Units::bytes);
  }

  /** A list of texts, or one text alone. */
  List<String> strings(String key) {
    return items(key).stream().map(item -> text(key, item)).toList();
  }

  /** A list of folders, or one alone; a number isn't one: whoever wrote it meant something else. */
  List<Path> folders(String key) {
    return items(key).stream()
        .map(item -> {
          if (item instanceof YamlValue.Scalar folder && folder.isText()) {
            return Path.of(folder.text());
          }
          throw wrong(key, item, "folders (a number as a name needs quotes)");
        })
        .toList();
  }

  private List<YamlValue> items(String key) {
    YamlValue value = value(key).orElse(null);
    return switch (value) {
      case null -> List.of();
      case YamlValue.Scalar one -> List.of(one);
      case YamlValue.Sequence many -> many.items();
      case YamlValue.Mapping wrong -> throw wrong(key, wrong, "a list");
    };
  }

  /** A mapping of texts, in the order of the file. */
  Map<String, String> texts(String key) {
    Map<String, String> out = new LinkedHashMap<>();
    mapping(key).ifPresent(m -> m.entries().forEach((k, v) -> out.put(k, text(key + "." + k, v))));
    return out;
  }

  /** A section below this one; an empty one when it isn't there. */
  Section section(String key) {
    YamlValue.Mapping found = mapping(key).orElseGet(() -> new YamlValue.Mapping(1, Map.of()));
    Section child = new Section(file, path + key + ".", found);
    children.add(child);
    return child;
  }

  /** Whether the key has a value; marks it known. */
  boolean has(String key) {
    return value(key).isPresent();
  }

  /** The line of a key that is there. */
  int line(String key) {
    YamlValue value = entries.get(key);
    return value == null ? 1 : value.line();
  }

  /** An error at a key. */
  ConfigException problem(String key, String text) {
    return ConfigException.at(file, line(key), path + key + ": " + text);
  }

  /** A warning at a key. */
  String remark(String key, String text) {
    return ConfigException.where(file, line(key)) + path + key + " " + text;
  }

  /** Remarks on all keys that nobody asked for, in this section and those below. */
  List<String> unknown() {
    List<String> out = new ArrayList<>();
    for (String key : entries.keySet()) {
      if (!known.contains(key)) {
        out.add(remark(key, "is not a key we know: it has no effect"));
      }
    }
    for (Section child : children) {
      out.addAll(child.unknown());
    }
    return out;
  }

  private <T> Optional<T> parsed(String key, String expected, Function<String, Optional<T>> parse) {
    return scalar(key).map(s -> parse.apply(s.text()).orElseThrow(() -> wrong(key, s, expected)));
  }

  private Optional<YamlValue.Scalar> scalar(String key) {
    return value(key)
        .map(value ->
            switch (value) {
              case YamlValue.Scalar s -> s;
              case YamlValue.Sequence s -> throw wrong(key, s, "one value");
              case YamlValue.Mapping m -> throw wrong(key, m, "one value");
            });
  }

  private Optional<YamlValue.Mapping> mapping(String key) {
    return value(key)
        .map(value -> {
          if (value instanceof YamlValue.Mapping m) {
            return m;
          }
          throw wrong(key, value, "keys below it");
        });
  }

  private Optional<YamlValue> value(String key) {
    known.add(key);
    return Optional.ofNullable(entries.get(key)).filter(value -> !isEmpty(value));
  }

  private static boolean isEmpty(YamlValue value) {
    return value instanceof YamlValue.Scalar scalar
        && (scalar.text().isEmpty() || scalar.text().equals("null") || scalar.text().equals("~"));
  }

  private String text(String key, YamlValue value) {
    if (value instanceof YamlValue.Scalar scalar) {
      return scalar.text();
    }
    throw wrong(key, value, "text");
  }

  // The value itself is not shown: it may be a secret in the wrong place.
  private ConfigException wrong(String key, YamlValue value, String expected) {
    String found =
        switch (value) {
          case YamlValue.Scalar s -> "a value of " + s.text().length() + " characters";
          case YamlValue.Sequence s -> "a list of " + s.items().size();
          case YamlValue.Mapping m -> "keys " + m.entries().keySet();
        };
    return ConfigException.at(
        file, value.line(), path + key + ": expected " + expected + ", found " + found);
  }

  private static Optional<Boolean> toFlag(String text) {
    return switch (text) {
      case "true", "True", "TRUE", "yes", "on" -> Optional.of(true);
      case "false", "False", "FALSE", "no", "off" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  private static Optional<Double> toNumber(String text) {
    try {
      double number = Double.parseDouble(text);
      return Double.isFinite(number) ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException notOne) {
      return Optional.empty();
    }
  }

  private static Optional<Long> toWhole(String text) {
    try {
      return Optional.of(Long.parseLong(text));
    } catch (NumberFormatException notOne) {
      return Optional.empty();
    }
  }
}
