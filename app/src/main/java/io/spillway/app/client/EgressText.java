package io.spillway.app.client;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.stream.Collectors;

/** An egress in words. */
public final class EgressText {
  private static final DateTimeFormatter WHEN = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  private EgressText() {}

  /** Whether nothing will change any more. */
  public static boolean isFinal(EgressStatus status) {
    return switch (status) {
      case EGRESS_STARTING, EGRESS_ACTIVE, EGRESS_ENDING -> false;
      case EGRESS_COMPLETE, EGRESS_FAILED, EGRESS_ABORTED, EGRESS_LIMIT_REACHED -> true;
      case UNRECOGNIZED -> false;
    };
  }

  /** {@code active} for EGRESS_ACTIVE. */
  public static String status(EgressInfo info) {
    return info.getStatus().name().replace("EGRESS_", "").toLowerCase(Locale.ROOT);
  }

  /** What is recorded: {@code track TR_…} for example. */
  public static String source(EgressInfo info) {
    return switch (info.getRequestCase()) {
      case TRACK -> "track " + info.getTrack().getTrackId();
      case EGRESS -> "egress " + mediaTracks(info);
      case REQUEST_NOT_SET -> "-";
      default -> info.getRequestCase().name().toLowerCase(Locale.ROOT);
    };
  }

  private static String mediaTracks(EgressInfo info) {
    var media = info.getEgress().getMedia();
    if (!media.getVideoTrackId().isEmpty()) {
      return media.getVideoTrackId();
    }
    return media.getAudio().getRoutesList().stream()
        .map(route -> route.getTrackId())
        .collect(Collectors.joining(" "));
  }

  /** Seconds of the (first) file, or since the start while it runs. */
  public static Duration duration(EgressInfo info, long nowUnixNanos) {
    long inFile = info.getFileResultsList().stream().mapToLong(FileInfo::getDuration).sum();
    if (inFile > 0 || info.getStartedAt() == 0) {
      return Duration.ofNanos(inFile);
    }
    long end = info.getEndedAt() > 0 ? info.getEndedAt() : nowUnixNanos;
    return Duration.ofNanos(Math.max(0, end - info.getStartedAt()));
  }

  /** Bytes of all its files. */
  public static long size(EgressInfo info) {
    return info.getFileResultsList().stream().mapToLong(FileInfo::getSize).sum();
  }

  /** {@code 1:02:03.4}, {@code 0:07.5}. */
  public static String clock(Duration duration) {
    long tenths = duration.toMillis() / 100;
    long seconds = tenths / 10;
    String end = "%02d.%d".formatted(seconds % 60, tenths % 10);
    long minutes = seconds / 60;
    return minutes < 60
        ? minutes + ":" + end
        : "%d:%02d:%s".formatted(minutes / 60, minutes % 60, end);
  }

  /** {@code 1.4 MB}. */
  public static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    String units = "kMGTPE";
    double value = bytes / 1000.0;
    int unit = 0;
    while (value >= 999.95 && unit < units.length() - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %cB", value, units.charAt(unit));
  }

  /** A moment in the given zone; {@code -} for zero. */
  public static String when(long unixNanos, ZoneId zone) {
    return unixNanos == 0 ? "-" : WHEN.format(Instant.ofEpochSecond(0, unixNanos).atZone(zone));
  }

  /** As the HTTP API writes it: proto field names, zero values shown. */
  public static String json(MessageOrBuilder message) {
    try {
      return JsonFormat.printer()
          .preservingProtoFieldNames()
          .alwaysPrintFieldsWithNoPresence()
          .print(message);
    } catch (InvalidProtocolBufferException unprintable) {
      throw new IllegalStateException(
          "a message that came from the server has no JSON", unprintable);
    }
  }
}
