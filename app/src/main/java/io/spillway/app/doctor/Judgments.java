package io.spillway.app.doctor;

import io.spillway.app.client.EgressText;
import io.spillway.rpc.ClockSkew;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** What each measured value means. Pure functions; the thresholds stand here and nowhere else. */
final class Judgments {
  /** A track takes a UDP socket, a signalling connection and a file; the JVM some 150 more. */
  private static final int FILES_PER_TRACK = 3;

  private static final int FILES_OF_THE_JVM = 150;
  private static final int TRACKS_WANTED = 1000;

  /** Tokens are valid from now on: a server whose clock is behind refuses them (leeway 60 s). */
  private static final Duration SKEW_REFUSED = Duration.ofSeconds(60);

  private static final Duration SKEW_VISIBLE = Duration.ofSeconds(2);

  private Judgments() {}

  static Finding openFiles(long limit) {
    long tracks = Math.max(0, (limit - FILES_OF_THE_JVM) / FILES_PER_TRACK);
    String found = limit + ", enough for about " + tracks + " tracks at once";
    if (tracks >= TRACKS_WANTED) {
      return Finding.ok("open files", found);
    }
    return Finding.warn(
        "open files", found, "raise it: ulimit -n 65536, or LimitNOFILE= in systemd");
  }

  static Finding receiveBuffer(long kernelMaxBytes, int wantedBytes) {
    String found = "net.core.rmem_max " + kernelMaxBytes + ", wanted " + wantedBytes + " per track";
    if (kernelMaxBytes >= wantedBytes) {
      return Finding.ok("UDP buffers", found);
    }
    return Finding.warn(
        "UDP buffers",
        found,
        "packets may be lost in bursts: sysctl -w net.core.rmem_max=" + wantedBytes);
  }

  static Finding ports(int lowest, int highest, boolean configured, boolean bound) {
    int count = highest - lowest + 1;
    String found =
        lowest + "-" + highest + (configured ? " (configured)" : " (the kernel's choice)");
    if (!bound) {
      return Finding.fail("UDP ports", found + ", none could be bound", "free or widen the range");
    }
    if (count < TRACKS_WANTED) {
      return Finding.warn("UDP ports", found, "each track takes one: " + count + " tracks at most");
    }
    return Finding.ok("UDP ports", found);
  }

  static Finding disk(String folder, boolean writable, long freeBytes, long neededBytes) {
    String found = folder + ", " + EgressText.bytes(freeBytes) + " free";
    if (!writable) {
      return Finding.fail("disk", folder + " can't be written", "choose another --data folder");
    }
    if (freeBytes < neededBytes) {
      return Finding.fail(
          "disk", found, "starts are refused below min_free_disk " + EgressText.bytes(neededBytes));
    }
    if (freeBytes < 4 * neededBytes) {
      return Finding.warn("disk", found, "soon below min_free_disk: make room");
    }
    return Finding.ok("disk", found);
  }

  static Finding clock(Duration serverMinusOurs) {
    Duration skew = serverMinusOurs.abs();
    String found =
        skew.compareTo(SKEW_VISIBLE) < 0
            ? "agrees with the server's within " + SKEW_VISIBLE.toSeconds() + " s"
            : "the server's is %s by %d s"
                .formatted(serverMinusOurs.isNegative() ? "behind" : "ahead", skew.toSeconds());
    if (skew.compareTo(SKEW_REFUSED) >= 0) {
      return Finding.fail("clock", found, "tokens will be refused: run NTP on both machines");
    }
    if (skew.compareTo(SKEW_VISIBLE) >= 0) {
      return Finding.warn("clock", found, "run NTP on both machines");
    }
    return Finding.ok("clock", found);
  }

  /** By what was sent over Redis: requests still run whatever the clocks say. */
  static Finding peerClocks(List<ClockSkew.Offset> peers) {
    List<String> off =
        peers.stream()
            .filter(peer -> peer.behind().abs().compareTo(SKEW_VISIBLE) >= 0)
            .map(Judgments::apart)
            .toList();
    if (off.isEmpty()) {
      return Finding.ok(
          "clocks on Redis",
          peers.size() + " compared, within " + SKEW_VISIBLE.toSeconds() + " s of ours");
    }
    return Finding.warn(
        "clocks on Redis",
        String.join(", ", off) + " (" + off.size() + " of " + peers.size() + ")",
        "run NTP on all machines: requests still run, but times of files and statuses are wrong");
  }

  private static String apart(ClockSkew.Offset peer) {
    return String.format(
        Locale.ROOT,
        "%s is %s by %.1f s",
        peer.peer(),
        peer.behind().isNegative() ? "ahead" : "behind",
        peer.behind().abs().toMillis() / 1e3);
  }

  static Finding livekitAnswer(String url, int httpStatus) {
    return switch (httpStatus) {
      case 200 -> Finding.ok("LiveKit server", url + " answers and takes our key");
      case 401, 403 ->
          Finding.fail(
              "LiveKit server",
              url + " refuses our key (HTTP " + httpStatus + ")",
              "check api_key and api_secret");
      case 404 ->
          Finding.fail(
              "LiveKit server",
              url + " answers, but not as a LiveKit server (HTTP 404)",
              "check the address: scheme, host and port, without a path");
      default ->
          Finding.fail(
              "LiveKit server", url + " answers HTTP " + httpStatus, "look at the server's log");
    };
  }
}
