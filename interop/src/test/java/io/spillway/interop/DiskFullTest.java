package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.spillway.app.client.ApiException;
import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.RecordedMedia;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.SmallDisk;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is really full, under the whole program. */
class DiskFullTest {
  private static final Duration RECORDED = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final String NO_DISK =
      "neither root nor user namespaces: no small file system can be mounted here";

  @TempDir Path folder;
  private Path small;

  @BeforeEach
  void requireNamespaces() throws Exception {
    boolean possible = SmallDisk.isPossible(folder);
    if (!possible && System.getenv("CI") != null) {
      fail(NO_DISK + ", and CI must not skip what a full disk does");
    }
    assumeTrue(possible, NO_DISK + ": skipped");
    small = folder.resolve("small");
  }

  @Test
  void recordingsOnAFullDiskEndWithTheirFilesWholeAndNoOtherIsHarmed() throws Exception {
    SmallDisk disk = new SmallDisk(small, 8);
    try (Stage stage = stage(disk, folder.resolve("data"));
        RustPublisher one = stage.rustPublisher("full", "one");
        RustPublisher two = stage.rustPublisher("full", "two")) {
      String sound = one.publishAudio();
      Map<String, String> doomed =
          Map.of(
              stage.ask("full", sound, small + "/a.ogg").getEgressId(), "opus",
              stage.ask("full", one.publishVideo("h264", 320, 180), small + "/b.mp4").getEgressId(),
                  "h264",
              stage.ask("full", two.publishVideo("vp8", 320, 180), small + "/c.webm").getEgressId(),
                  "vp8");
      for (String id : doomed.keySet()) {
        stage.spillway().await(id, EgressStatus.EGRESS_ACTIVE, PATIENCE);
      }
      String spared = stage.begin("full", sound);
      Stage.letPass(RECORDED);
      disk.fill(stage.spillway().pid());

      for (var egress : doomed.entrySet()) {
        isKeptAsFarAsItGot(stage, egress.getKey(), egress.getValue());
      }
      refusesAnother(stage, sound);
      Stage.Take take = stage.end(spared);
      take.media().plays("opus").lasts(take.asked()).hasTone(RustPublisher.TONE_HZ);
    }
  }

  private static void isKeptAsFarAsItGot(Stage stage, String id, String codec) throws Exception {
    EgressInfo info = stage.spillway().awaitEnd(id, PATIENCE);
    assertThat(info.getStatus()).as("%s", info).isEqualTo(EgressStatus.EGRESS_FAILED);
    FileInfo file = info.getFileResults(0);
    assertThat(info.getError()).isEqualTo("no space left on " + file.getLocation());
    assertThat(info.getErrorCode()).isEqualTo(429);
    assertThat(info.getDetails()).isEqualTo("End reason: Failure");
    Path seen = SmallDisk.seen(stage.spillway().pid(), file.getLocation());
    assertThat(Files.size(seen)).isEqualTo(file.getSize());
    Duration told = Duration.ofNanos(file.getDuration());
    assertThat(told).isGreaterThan(RECORDED.minusSeconds(1));
    var media = RecordedMedia.of(seen.toString()).plays(codec);
    assertThat(media.playableLength()).isBetween(told.minusMillis(300), told.plusMillis(100));
  }

  private void refusesAnother(Stage stage, String track) {
    assertThatThrownBy(() -> stage.ask("full", track, small + "/late.ogg"))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.code()).isEqualTo("resource_exhausted"))
        .hasMessageStartingWith("no space left on " + small)
        .hasMessageEndingWith("min_free_disk is 1 MiB");
  }

  /** The store keeps a reserve on its disk, and gives it up for statuses. */
  @Test
  void aStatusIsOutThoughTheDataFolderIsFullToo() throws Exception {
    SmallDisk disk = new SmallDisk(small, 64);
    try (Stage stage = stage(disk, small.resolve("data"));
        RustPublisher publisher = stage.rustPublisher("all", "rust")) {
      String track = publisher.publishVideo("vp8", 320, 180);
      String id = stage.ask("all", track, small + "/a.webm").getEgressId();
      stage.spillway().await(id, EgressStatus.EGRESS_ACTIVE, PATIENCE);
      Stage.letPass(RECORDED);
      disk.fill(stage.spillway().pid());

      isKeptAsFarAsItGot(stage, id, "vp8");
    }
  }

  private Stage stage(SmallDisk disk, Path data) {
    LiveKitServer server =
        LiveKitServer.start(folder.resolve("livekit"), LiveKitServer.Media.ONE_PORT);
    try {
      return Stage.under(folder, server, disk.launcher(), data, "min_free_disk: 1MiB\n");
    } catch (RuntimeException | Error failed) {
      server.close();
      throw failed;
    }
  }
}
