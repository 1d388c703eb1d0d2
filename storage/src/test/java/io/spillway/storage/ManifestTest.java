package io.spillway.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestTest {
  private static String json(Manifest manifest) {
    return new String(manifest.toJson(), StandardCharsets.UTF_8);
  }

  @Test
  void aTracksManifestHasLiveKitsFieldsInItsOrder() {
    Manifest manifest =
        Manifest.ofTrack(
            "EG_1",
            "RM_1",
            "daily <é>",
            new Manifest.Track("TR_1", "audio", "microphone", "ann", 17, 42),
            List.of(new Manifest.Output("rec/a.ogg", "/data/rec/a.ogg")));
    assertThat(json(manifest))
        .isEqualTo(
            """
            {"egress_id":"EG_1","room_id":"RM_1","room_name":"daily <é>","started_at":17,\
            "ended_at":42,"publisher_identity":"ann","track_id":"TR_1","track_kind":"audio",\
            "track_source":"microphone","files":[{"filename":"rec/a.ogg",\
            "location":"/data/rec/a.ogg"}]}
            """);
  }

  @Test
  void playlistsAndImagesNestAsLiveKitsDo() {
    Manifest manifest =
        new Manifest(
            "EG_1",
            "",
            "",
            "https://page",
            0,
            0,
            "",
            "",
            "",
            "",
            "TR_a",
            "TR_v",
            List.of(),
            List.of(new Manifest.Playlist("p", List.of(new Manifest.Output("s", "l")))),
            List.of(new Manifest.Image("i", Instant.ofEpochSecond(1, 500_000_000), "l")));
    assertThat(json(manifest))
        .isEqualTo(
            """
            {"egress_id":"EG_1","url":"https://page","audio_track_id":"TR_a",\
            "video_track_id":"TR_v","playlists":[{"location":"p","segments":[{"filename":"s",\
            "location":"l"}]}],"images":[{"filename":"i","timestamp":"1970-01-01T00:00:01.500Z",\
            "location":"l"}]}
            """);
  }

  @Test
  void itIsWrittenWholeOverAnOlderOne(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("EG_1.json");
    Manifest.Track track = new Manifest.Track("TR_1", "audio", "", "", 1, 2);
    Manifest.ofTrack("EG_1", "", "", track, List.of()).write(file);
    Manifest.ofTrack("EG_2", "", "", track, List.of()).write(file);
    assertThat(file).content().contains("EG_2").doesNotContain("EG_1");
    assertThat(folder.toFile().list()).containsExactly("EG_1.json");
  }
}
