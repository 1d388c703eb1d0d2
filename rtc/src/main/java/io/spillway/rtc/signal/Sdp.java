package io.spillway.rtc.signal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A parsed session description (RFC 8866, as far as WebRTC uses it). Parsing takes anything of
 * bounded size: lines it doesn't know are passed over, what is missing shows as empty.
 */
public record Sdp(SdpAttributes session, List<SdpMedia> media) {
  /** A server with hundreds of tracks stays well below this. */
  static final int MAX_CHARS = 1 << 20;

  static final int MAX_LINES = 20_000;
  static final int MAX_MEDIA = 1_000;

  /** Copies the sections. */
  public Sdp {
    media = List.copyOf(media);
  }

  /**
   * Parses a description.
   *
   * @throws SdpException when it is too large or has a media line that can't be read
   */
  public static Sdp parse(String text) {
    if (text.length() > MAX_CHARS) {
      throw new SdpException("session description of " + text.length() + " characters");
    }
    SdpAttributes session = new SdpAttributes();
    SdpAttributes current = session;
    List<SdpMedia> media = new ArrayList<>();
    int lines = 0;
    for (String line : text.lines().toList()) {
      if (++lines > MAX_LINES) {
        throw new SdpException("session description of more than " + MAX_LINES + " lines");
      }
      if (line.startsWith("m=")) {
        current = new SdpAttributes();
        media.add(mediaLine(line.substring(2), current));
        if (media.size() > MAX_MEDIA) {
          throw new SdpException("session description of more than " + MAX_MEDIA + " sections");
        }
      } else if (line.startsWith("a=")) {
        current.add(line.substring(2));
      }
    }
    return new Sdp(session, media);
  }

  private static SdpMedia mediaLine(String line, SdpAttributes attributes) {
    List<String> words = words(line);
    if (words.size() < 3) {
      throw new SdpException("media line without port and protocol: m=" + shortened(line));
    }
    String port = words.get(1);
    int number = port.equals("0") ? 0 : 9;
    return new SdpMedia(
        words.get(0), number, words.get(2), words.subList(3, words.size()), attributes);
  }

  static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    int from = 0;
    for (int i = 0; i <= line.length(); i++) {
      if (i == line.length() || line.charAt(i) == ' ') {
        if (i > from) {
          words.add(line.substring(from, i));
        }
        from = i + 1;
      }
    }
    return words;
  }

  private static String shortened(String line) {
    return line.length() <= 80 ? line : line.substring(0, 80) + "…";
  }

  /** An attribute that may stand in the session or in any of its bundled sections. */
  public Optional<String> bundled(String attribute) {
    for (SdpMedia section : media) {
      if (section.port() != 0 && section.attributes().has(attribute)) {
        return section.attributes().first(attribute);
      }
    }
    return session.first(attribute);
  }

  /** All ICE candidate lines, each beginning with {@code candidate:}, doubles left out. */
  public List<String> candidates() {
    List<String> found = new ArrayList<>(session.all("candidate"));
    media.forEach(section -> found.addAll(section.attributes().all("candidate")));
    return found.stream().distinct().map(line -> "candidate:" + line).toList();
  }

  /** Whether the writer is an ICE-lite agent (RFC 8445, 2.5). */
  public boolean iceLite() {
    return session.has("ice-lite")
        || media.stream().anyMatch(section -> section.attributes().has("ice-lite"));
  }
}
