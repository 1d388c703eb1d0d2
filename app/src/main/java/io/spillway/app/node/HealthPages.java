package io.spillway.app.node;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.spillway.app.node.HttpPort.Page;
import io.spillway.protocol.livekit.EgressInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;

/** What the health port says. Pure: facts in, pages out. */
final class HealthPages {
  /** The node's own heartbeat beats each second. */
  static final Duration DEAD_AFTER = Duration.ofSeconds(30);

  /** Requests are still served beyond it, but timestamps of different machines don't match. */
  static final Duration SKEW_LIMIT = Duration.ofSeconds(2);

  private static final ObjectMapper JSON = new ObjectMapper();

  private HealthPages() {}

  /**
   * What is known of a node.
   *
   * @param sinceHeartbeat since its own threads last did their work
   * @param refusal why it would take no start now
   * @param proofAge of the proof that messages get through
   * @param recordings under way
   * @param statusesWaiting for their acknowledgement
   * @param oldestStatusAge of these
   * @param journalFailing whether statuses can't be written to disk
   * @param spoolUnlisted folders of the spool that the disk does not list
   * @param clockComplaint a peer whose clock is far from ours
   */
  record Facts(
      Duration sinceHeartbeat,
      Optional<String> refusal,
      Duration proofAge,
      int recordings,
      int statusesWaiting,
      Duration oldestStatusAge,
      boolean journalFailing,
      List<Path> spoolUnlisted,
      Optional<String> clockComplaint) {
    /** Copies the list. */
    Facts {
      spoolUnlisted = List.copyOf(spoolUnlisted);
    }
  }

  /**
   * Whether the process should live. Nothing that is wrong outside of it counts: to kill a node
   * because Redis is away would cut its recordings.
   */
  static Page healthz(Facts facts) {
    boolean alive = facts.sinceHeartbeat().compareTo(DEAD_AFTER) < 0;
    return Page.text(
        alive ? 200 : 503,
        alive
            ? "alive\n"
            : "stuck: the node's own threads have done nothing for "
                + seconds(facts.sinceHeartbeat())
                + "\n");
  }

  /** Whether a start would be taken now, with everything a person would ask next. */
  static Page readyz(Facts facts) {
    List<String> lines = new ArrayList<>();
    lines.add(facts.refusal().map(why -> "not ready: " + why).orElse("ready"));
    lines.add("bus proof: " + age(facts.proofAge()));
    lines.add("recordings: " + facts.recordings());
    lines.add(
        "statuses waiting: "
            + facts.statusesWaiting()
            + (facts.statusesWaiting() > 0
                ? ", the oldest for " + seconds(facts.oldestStatusAge())
                : ""));
    if (facts.journalFailing()) {
      lines.add("status journal: the disk does not take it, statuses are kept in memory only");
    }
    if (!facts.spoolUnlisted().isEmpty()) {
      lines.add(
          "spool: can't be listed, what was left in it is not taken up: " + facts.spoolUnlisted());
    }
    lines.add("clocks: " + facts.clockComplaint().orElse("no peer is more than 2 s off"));
    return Page.text(facts.refusal().isEmpty() ? 200 : 503, String.join("\n", lines) + "\n");
  }

  private static String age(Duration proofAge) {
    return proofAge.toDays() > 0 ? "none yet" : seconds(proofAge) + " old";
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toNanos() / 1e9);
  }

  /**
   * livekit/egress's own page: {@code CpuLoad} (the cores that are free, whatever its name says),
   * and each egress's request by id.
   */
  static Page status(double freeCores, List<EgressInfo> egresses) {
    ObjectNode page = JSON.createObjectNode();
    page.put("CpuLoad", freeCores);
    egresses.forEach(egress -> page.set(egress.getEgressId(), request(egress)));
    return new Page(200, "application/json", JSON.writeValueAsString(page));
  }

  private static ObjectNode request(EgressInfo egress) {
    ObjectNode wrapper = JSON.createObjectNode();
    switch (egress.getRequestCase()) {
      case TRACK -> put(wrapper, "Track", egress.getTrack());
      case EGRESS -> put(wrapper, "Egress", egress.getEgress());
      case ROOM_COMPOSITE -> put(wrapper, "RoomComposite", egress.getRoomComposite());
      case WEB -> put(wrapper, "Web", egress.getWeb());
      case PARTICIPANT -> put(wrapper, "Participant", egress.getParticipant());
      case TRACK_COMPOSITE -> put(wrapper, "TrackComposite", egress.getTrackComposite());
      case REPLAY -> put(wrapper, "Replay", egress.getReplay());
      case REQUEST_NOT_SET -> {}
    }
    return wrapper;
  }

  private static void put(ObjectNode wrapper, String name, Message request) {
    try {
      wrapper.set(
          name, JSON.readTree(JsonFormat.printer().preservingProtoFieldNames().print(request)));
    } catch (InvalidProtocolBufferException unprintable) {
      throw new IllegalStateException("a request can't be printed", unprintable);
    }
  }
}
