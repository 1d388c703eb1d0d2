package io.spillway.node.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.spillway.core.media.Codec;
import io.spillway.core.time.SimulatedTime;
import io.spillway.node.parts.PartJoin;
import io.spillway.node.request.TrackPlan;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.rtc.ReceptionStats;
import io.spillway.rtc.TrackDescription;
import io.spillway.rtc.TrackEvents;
import io.spillway.rtc.TrackEvents.Cause;
import io.spillway.rtc.TrackEvents.End;
import io.spillway.rtc.TrackSubscription;
import io.spillway.storage.FreeDisk;
import io.spillway.storage.LocalOutputSettings;
import io.spillway.storage.LocalOutputs;
import io.spillway.storage.seal.Seal;
import io.spillway.storage.seal.SealKeys;
import io.spillway.storage.spool.Spool;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A room with many recorded tracks closes, on as many threads as a node has. The clock stands
 * still: whoever waits for it never ends.
 */
final class ManyEndsTest implements TrackRecorder.Reports {
  private static final int TRACKS = 50;
  private static final int THREADS = 8;

  private final SimulatedTime time = new SimulatedTime();
  private final Queue<EgressInfo> last = new ConcurrentLinkedQueue<>();
  private final CountDownLatch over = new CountDownLatch(TRACKS);
  @TempDir private Path folder;

  @Test
  void theRecordingsOfARoomThatClosesAllEndWithoutWaitingForTheClock() throws Exception {
    SecureRandom random = new SecureRandom();
    Seal seal = new Seal(SealKeys.ofFile(folder.resolve("key"), random), random);
    try (Spool spool = Spool.open(folder.resolve("spool"), seal);
        ExecutorService quick = Executors.newFixedThreadPool(THREADS);
        ExecutorService longWork = Executors.newFixedThreadPool(THREADS)) {
      RecorderFactory recorders = recorders(spool);
      List<TrackEvents> rooms = new ArrayList<>();
      for (int n = 0; n < TRACKS; n++) {
        TrackRecorder recorder = recorders.recorder(plan(n), this);
        recorder.begin();
        recorder.start(
            events -> {
              rooms.add(events);
              return new Subscription();
            },
            new DiskThreads(quick, longWork));
        rooms.get(n).joined("RM_1", "room", "PA_1");
        rooms.get(n).subscribed(muted(n));
      }
      rooms.forEach(room -> room.ended(new End(Cause.ROOM_CLOSED, "the room was deleted")));

      boolean inTime = over.await(20, TimeUnit.SECONDS);
      if (!inTime) {
        quick.shutdownNow();
        longWork.shutdownNow();
      }
      assertThat(inTime).as("%d of them did not end", over.getCount()).isTrue();
    }
    assertThat(last)
        .hasSize(TRACKS)
        .extracting(EgressInfo::getStatus)
        .containsOnly(EgressStatus.EGRESS_COMPLETE);
  }

  private RecorderFactory recorders(Spool spool) throws IOException {
    LocalOutputs outputs =
        new LocalOutputs(new LocalOutputSettings(folder, List.of(), false, 0), FreeDisk.ofSystem());
    return new RecorderFactory(
        outputs,
        spool,
        new PartJoin(spool, outputs, false),
        new RecorderFactory.Settings(
            "", Duration.ZERO, 0, false, Duration.ofSeconds(10), ZoneOffset.UTC),
        time);
  }

  private static TrackDescription muted(int n) {
    return new TrackDescription(
        "TR_" + n, "t", Codec.OPUS, "microphone", "alice", true, 0, 0, false);
  }

  private TrackPlan plan(int n) {
    EgressInfo info =
        EgressInfo.newBuilder()
            .setEgressId("EG_" + n)
            .setRoomName("room")
            .setStartedAt(time.unixNanos())
            .addFileResults(FileInfo.getDefaultInstance())
            .build();
    return new TrackPlan(
        "EG_" + n,
        1,
        "room",
        "",
        "TR_" + n,
        "ws://sfu",
        "",
        "out/{track_id}",
        false,
        ByteString.EMPTY,
        info,
        List.of(),
        false);
  }

  @Override
  public void changed(EgressInfo info) {}

  @Override
  public void last(EgressInfo info, Runnable safe) {
    last.add(info);
    safe.run();
  }

  @Override
  public void restarted(String egressId) {}

  @Override
  public void ended(String egressId) {
    over.countDown();
  }

  /** One whose end was told before: closing it tells nothing. */
  private static final class Subscription implements TrackSubscription {
    @Override
    public void requestKeyFrame() {}

    @Override
    public ReceptionStats stats() {
      return ReceptionStats.NONE;
    }

    @Override
    public void close() {}
  }
}
