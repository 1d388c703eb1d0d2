package io.spillway.controller.dashboard;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The dashboard's own files, read once from the jar. Only what is named here is served. */
final class Assets {
  private static final List<String> NAMES =
      List.of(
          "index.html",
          "style.css",
          "theme.js",
          "app.js",
          "api.js",
          "dom.js",
          "format.js",
          "live.js",
          "chart.js",
          "signin.js",
          "overview.js",
          "egresses.js",
          "egress.js",
          "nodes.js",
          "webhooks.js",
          "icon.svg");

  private final Map<String, Asset> files = new HashMap<>();

  /** Reads them all; a missing one is a defect of the build. */
  Assets() {
    NAMES.forEach(name -> files.put(name, read(name)));
  }

  /** A file; never changed. */
  static final class Asset {
    private final String contentType;
    private final String tag;
    private final byte[] content;

    private Asset(String contentType, String tag, byte[] content) {
      this.contentType = contentType;
      this.tag = tag;
      this.content = content;
    }

    String contentType() {
      return contentType;
    }

    /** Changes with the content, for ETag. */
    String tag() {
      return tag;
    }

    /** A stream of its bytes. */
    InputStream content() {
      return new ByteArrayInputStream(content);
    }
  }

  /** The file of this name. */
  Optional<Asset> find(String name) {
    return Optional.ofNullable(files.get(name));
  }

  private static Asset read(String name) {
    try (InputStream in = Assets.class.getResourceAsStream("pages/" + name)) {
      if (in == null) {
        throw new IllegalStateException("the dashboard's " + name + " is not in the jar");
      }
      byte[] content = in.readAllBytes();
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
      return new Asset(
          contentType(name), '"' + HexFormat.of().formatHex(digest, 0, 8) + '"', content);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException("every JDK has SHA-256", missing);
    }
  }

  private static String contentType(String name) {
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return switch (ending) {
      case "html" -> "text/html; charset=utf-8";
      case "css" -> "text/css; charset=utf-8";
      case "js" -> "text/javascript; charset=utf-8";
      case "svg" -> "image/svg+xml";
      default -> throw new IllegalStateException("no content type for " + name);
    };
  }
}
