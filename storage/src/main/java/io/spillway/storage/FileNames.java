package io.spillway.storage;

import io.spillway.storage.OutputRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Storage paths from templates, as livekit/egress makes them ({@code pkg/config/output_file.go}):
 * the template is cleaned, placeholders are filled in, an empty name or a folder gets {@code
 * identifier-time[-retry].ext}, a wrong known extension is replaced, any other is kept and ours
 * added. {@code {retry}} is filled in only from the first retry on, there as here. Pure.
 *
 * <p>Where LiveKit is unsafe we aren't. It fills room names in after cleaning, so that a room named
 * {@code ../../x} leaves the folder: here a {@code .} or {@code ..} that comes out of values
 * becomes underscores, and a relative template stays relative. {@code /} in a value makes folders,
 * as LiveKit's does. Control characters in values become underscores; values are not filled in
 * again. A name too long for a file system is cut and marked with a hash of the whole. A retry of
 * an explicit path without {@code {retry}}, which LiveKit refuses, gets {@code -n} before its
 * extension ({@link #canRetry} tells who wants to refuse it).
 */
public final class FileNames {
  /** The longest object key that S3 takes, and far below PATH_MAX. */
  static final int MOST_PATH_BYTES = 1024;

  /** NAME_MAX is 255: the rest is left for {@code -n} and for temporary names. */
  static final int MOST_NAME_BYTES = 232;

  private static final String RETRY = "{retry}";
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HHmmss");
  private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern("yyyyMMddHHmmssSSS");
  private static final Set<String> KNOWN_EXTENSIONS =
      Set.of(".raw", ".ogg", ".mp3", ".ivf", ".mp4", ".ts", ".webm", ".m3u8", ".jpeg");

  private FileNames() {}

  /**
   * The storage path, without the storage's prefix. Absolute only if the template is.
   *
   * @throws OutputRefusedException field {@code filepath}, when the path can't be a path
   */
  public static String resolve(FileNameWish wish) {
    if (wish.template().indexOf('\0') >= 0) {
      throw refused("filepath holds a NUL character");
    }
    String template = clean(wish.template());
    String time = TIME.format(wish.now().atZone(wish.zone()));
    String filled = fill(template, wish, time);
    String named;
    if (filled.isEmpty() || filled.endsWith("/")) {
      String retry = wish.retry() > 0 ? "-" + wish.retry() : "";
      named = filled + harmless(wish.identifier()) + "-" + time + retry + wish.extension();
    } else {
      named = withExtension(filled, wish.extension());
      if (wish.retry() > 0 && !template.contains(RETRY)) {
        named = numbered(named, wish.retry());
      }
    }
    return confined(named, template.startsWith("/"));
  }

  /** Whether LiveKit would let a template be used for a retry. */
  public static boolean canRetry(String template) {
    String cleaned = clean(template);
    return cleaned.isEmpty() || cleaned.endsWith("/") || cleaned.contains(RETRY);
  }

  /** The path under a storage's {@code prefix}, joined as Go's path.Join does. */
  public static String withPrefix(String prefix, String path) {
    return prefix.isEmpty() ? path : pathClean(prefix + "/" + path);
  }

  /** The path with {@code -n} before its extension. */
  public static String numbered(String path, int n) {
    int dot = path.lastIndexOf('.');
    int name = path.lastIndexOf('/') + 1;
    return dot <= name ? path + "-" + n : path.substring(0, dot) + "-" + n + path.substring(dot);
  }

  /** Where the manifest of an output lies: {@code {egress_id}.json} beside it. */
  public static String manifestBeside(String path, String egressId) {
    return path.substring(0, path.lastIndexOf('/') + 1) + egressId + ".json";
  }

  /**
   * LiveKit's cleaning: no {@code .} and {@code ..} parts, nothing above the folder it starts in.
   */
  private static String clean(String template) {
    String path = pathClean(template);
    while (path.startsWith("../")) {
      path = path.substring(3);
    }
    if (path.equals(".") || path.equals("..")) {
      return "";
    }
    return template.endsWith("/") && !path.endsWith("/") ? path + "/" : path;
  }

  /** What Go's path.Clean gives; {@code .} for nothing. */
  private static String pathClean(String path) {
    boolean rooted = path.startsWith("/");
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/", -1)) {
      boolean up = part.equals("..");
      if (up && !parts.isEmpty() && !parts.getLast().equals("..")) {
        parts.removeLast();
      } else if (up ? !rooted : !part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    String joined = String.join("/", parts);
    if (rooted) {
      return "/" + joined;
    }
    return joined.isEmpty() ? "." : joined;
  }

  /** One pass from left to right, so that a value that looks like a placeholder stays a value. */
  private static String fill(String template, FileNameWish wish, String time) {
    StringBuilder filled = new StringBuilder();
    int at = 0;
    while (at < template.length()) {
      int open = template.indexOf('{', at);
      int close = open < 0 ? -1 : template.indexOf('}', open);
      if (close < 0) {
        break;
      }
      filled.append(template, at, open);
      String placeholder = template.substring(open, close + 1);
      String value = value(placeholder, wish, time);
      if (value.equals(placeholder)) {
        filled.append('{'); // not one of ours: "{x{time}" still holds one further on
        at = open + 1;
      } else {
        filled.append(value);
        at = close + 1;
      }
    }
    return filled.append(template, at, template.length()).toString();
  }

  /** The placeholder itself when there is no value for it. */
  private static String value(String placeholder, FileNameWish wish, String time) {
    return switch (placeholder) {
      case "{time}" -> time;
      case "{utc}" -> UTC.format(wish.now().atOffset(ZoneOffset.UTC));
      case RETRY -> wish.retry() > 0 ? Integer.toString(wish.retry()) : placeholder;
      default -> {
        for (Map.Entry<Placeholder, String> known : wish.values().entrySet()) {
          if (known.getKey().text().equals(placeholder)) {
            yield harmless(known.getValue());
          }
        }
        yield placeholder;
      }
    };
  }

  private static String harmless(String value) {
    StringBuilder harmless = new StringBuilder(value.length());
    value
        .codePoints()
        .map(c -> Character.isISOControl(c) || isLoneSurrogate(c) ? '_' : c)
        .forEach(harmless::appendCodePoint);
    return harmless.toString();
  }

  private static boolean isLoneSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }

  private static String withExtension(String path, String extension) {
    if (path.endsWith(extension)) {
      return path;
    }
    int dot = path.lastIndexOf('.');
    boolean wrong = dot >= 0 && KNOWN_EXTENSIONS.contains(path.substring(dot));
    return (wrong ? path.substring(0, dot) : path) + extension;
  }

  private static String confined(String path, boolean absolute) {
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/", -1)) {
      if (part.equals(".") || part.equals("..")) {
        parts.add("_".repeat(part.length()));
      } else if (!part.isEmpty()) {
        parts.add(shortened(part));
      }
    }
    String confined = (absolute ? "/" : "") + String.join("/", parts);
    int bytes = confined.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_PATH_BYTES) {
      throw refused(
          "filepath comes to %d bytes, at most %d are possible".formatted(bytes, MOST_PATH_BYTES));
    }
    return confined;
  }

  private static String shortened(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= MOST_NAME_BYTES) {
      return name;
    }
    int dot = name.lastIndexOf('.');
    String extension =
        dot > 0 && KNOWN_EXTENSIONS.contains(name.substring(dot)) ? name.substring(dot) : "";
    String mark = "~" + hash(bytes) + extension;
    int kept = MOST_NAME_BYTES - mark.length();
    while ((bytes[kept] & 0xC0) == 0x80) {
      kept--; // not in the middle of a UTF-8 character
    }
    return new String(bytes, 0, kept, StandardCharsets.UTF_8) + mark;
  }

  private static String hash(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(Arrays.copyOf(digest, 4));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform has SHA-256", impossible);
    }
  }

  private static OutputRefusedException refused(String message) {
    return new OutputRefusedException(Reason.INVALID_PATH, "filepath", message);
  }
}
