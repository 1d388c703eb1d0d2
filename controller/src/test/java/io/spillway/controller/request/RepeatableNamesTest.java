package io.spillway.controller.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.FileOutput;
import io.spillway.protocol.livekit.Output;
import io.spillway.protocol.livekit.SegmentedFileOutput;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.protocol.rpc.StartEgressRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What livekit/egress itself takes under a later epoch (its retry_test.go). */
final class RepeatableNamesTest {
  @ParameterizedTest(name = "a file named \"{0}\": {1}")
  @CsvSource({
    "'', true",
    "recordings/, true",
    "recordings/a-{retry}.ogg, true",
    "recordings/{retry}/a.ogg, true",
    "recordings/a.ogg, false",
    "'{time}', false",
  })
  void anExplicitNameNeedsItsRetry(String path, boolean repeatable) {
    TrackEgressRequest track =
        TrackEgressRequest.newBuilder()
            .setFile(DirectFileOutput.newBuilder().setFilepath(path))
            .build();
    assertThat(RepeatableNames.of(StartEgressRequest.newBuilder().setTrack(track).build()))
        .isEqualTo(repeatable);
    assertThat(v2(Output.newBuilder().setFile(FileOutput.newBuilder().setFilepath(path)).build()))
        .isEqualTo(repeatable);
  }

  @ParameterizedTest(name = "segments \"{0}\", playlist \"{1}\": {2}")
  @CsvSource({
    "'', '', true",
    "a-{retry}, '', true",
    "a, list-{retry}, false",
    "'', list-{retry}, true",
    "'', list, false",
    "a, list, false",
  })
  void segmentsAreNamedByTheirPrefixAndElseByTheirPlaylist(
      String prefix, String playlist, boolean repeatable) {
    SegmentedFileOutput segments =
        SegmentedFileOutput.newBuilder()
            .setFilenamePrefix(prefix)
            .setPlaylistName(playlist)
            .build();
    assertThat(v2(Output.newBuilder().setSegments(segments).build())).isEqualTo(repeatable);
  }

  private static boolean v2(Output output) {
    return RepeatableNames.of(
        StartEgressRequest.newBuilder()
            .setEgress(
                io.spillway.protocol.livekit.StartEgressRequest.newBuilder().addOutputs(output))
            .build());
  }
}
