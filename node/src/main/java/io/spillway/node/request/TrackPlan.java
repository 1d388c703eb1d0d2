package io.spillway.node.request;

import com.google.protobuf.ByteString;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.storage.spool.Part;
import java.util.List;

/**
 * What to record, read from a request that was found right.
 *
 * @param request the whole request as it came, to be kept sealed
 * @param earlier parts that an earlier process recorded here, empty for a first start
 * @param elsewhere whether another node recorded parts of it before
 * @param info the EgressInfo to report first: STARTING, request redacted, one empty file result
 * @param epoch LiveKit's {@code retry_count} + 1
 * @param serverUrl the LiveKit server to join
 * @param token to join with; empty: the node makes its own
 * @param filepath template of the file's name as the caller gave it
 * @param disableManifest no {@code {egress_id}.json} beside the file
 */
public record TrackPlan(
    String egressId,
    int epoch,
    String roomName,
    String roomId,
    String trackId,
    String serverUrl,
    String token,
    String filepath,
    boolean disableManifest,
    ByteString request,
    EgressInfo info,
    List<Part> earlier,
    boolean elsewhere) {
  /** Copies the list. */
  public TrackPlan {
    earlier = List.copyOf(earlier);
  }

  /**
   * The same after parts that an earlier process recorded; {@code info} goes on from what is
   * stored.
   */
  public TrackPlan continuing(EgressInfo info, List<Part> earlier) {
    return with(info, earlier, elsewhere);
  }

  /** The same after parts that another node recorded. */
  public TrackPlan afterAnother() {
    return with(info, earlier, true);
  }

  private TrackPlan with(EgressInfo info, List<Part> earlier, boolean elsewhere) {
    return new TrackPlan(
        egressId,
        epoch,
        roomName,
        roomId,
        trackId,
        serverUrl,
        token,
        filepath,
        disableManifest,
        request,
        info,
        earlier,
        elsewhere);
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "TrackPlan["
        + egressId
        + ", epoch "
        + epoch
        + ", track "
        + trackId
        + " of "
        + roomName
        + "]";
  }

  /** Whether it goes on after parts of an earlier process. */
  public boolean continues() {
    return !earlier.isEmpty();
  }

  /** Which recordings there are of it before this one. */
  public Past past() {
    if (continues()) {
      return Past.HERE;
    }
    return elsewhere ? Past.ELSEWHERE : Past.NONE;
  }

  /** What was recorded before. */
  public enum Past {
    /** Nothing: it begins. */
    NONE,
    /** A part by another node, which may be gone with it. */
    ELSEWHERE,
    /** A part by an earlier process of this node, whose files are here. */
    HERE
  }
}
