package io.spillway.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileNamesTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:44:05.067Z");
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final Map<Placeholder, String> TRACK =
      Map.of(
          Placeholder.ROOM_ID, "RM_1",
          Placeholder.ROOM_NAME, "daily",
          Placeholder.PUBLISHER_IDENTITY, "ann",
          Placeholder.TRACK_ID, "TR_1",
          Placeholder.TRACK_TYPE, "audio",
          Placeholder.TRACK_SOURCE, "microphone");

  private static String resolve(String template, int retry) {
    return FileNames.resolve(new FileNameWish(template, "TR_1", TRACK, retry, NOW, BERLIN, ".ogg"));
  }

  private static String inRoom(String template, String roomName) {
    return FileNames.resolve(
        new FileNameWish(
            template, roomName, Map.of(Placeholder.ROOM_NAME, roomName), 0, NOW, BERLIN, ".ogg"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // template | retry | path
        "''                          | 0 | TR_1-2026-11-22T114405.ogg",
        "''                          | 2 | TR_1-2026-11-22T114405-2.ogg",
        "rec/                        | 0 | rec/TR_1-2026-11-22T114405.ogg",
        "/rec/                       | 1 | /rec/TR_1-2026-11-22T114405-1.ogg",
        "/                           | 0 | /TR_1-2026-11-22T114405.ogg",
        ".                           | 0 | TR_1-2026-11-22T114405.ogg",
        "..                          | 0 | TR_1-2026-11-22T114405.ogg",
        "./                          | 0 | TR_1-2026-11-22T114405.ogg",
        "rec/{retry}/                | 3 | rec/3/TR_1-2026-11-22T114405-3.ogg",
        "a.ogg                       | 0 | a.ogg",
        "a                           | 0 | a.ogg",
        "a.mp4                       | 0 | a.ogg",
        "a.webm                      | 0 | a.ogg",
        "a.jpeg                      | 0 | a.ogg",
        "a.mkv                       | 0 | a.mkv.ogg",
        "a.OGG                       | 0 | a.OGG.ogg",
        "v1.2/a                      | 0 | v1.2/a.ogg",
        "v1.mp4/a                    | 0 | v1.mp4/a.ogg",
        "a-{retry}.ogg               | 2 | a-2.ogg",
        "a-{retry}.ogg               | 0 | a-{retry}.ogg",
        "a.ogg                       | 2 | a-2.ogg",
        "a                           | 2 | a-2.ogg",
        "{retry}/a.ogg               | 2 | 2/a.ogg",
        "{room_id}-{room_name}       | 0 | RM_1-daily.ogg",
        "{publisher_identity}/{track_id}-{track_type}-{track_source} | 0 | ann/TR_1-audio-microphone.ogg",
        "{time}                      | 0 | 2026-11-22T114405.ogg",
        "{utc}                       | 0 | 20261122104405067.ogg",
        "{room_name}-{room_name}     | 0 | daily-daily.ogg",
        "{nonsense}{room_name        | 0 | {nonsense}{room_name.ogg",
        "{{room_name}}               | 0 | {daily}.ogg",
        "{x{time}                    | 0 | {x2026-11-22T114405.ogg",
        "../a.ogg                    | 0 | a.ogg",
        "../../../a.ogg              | 0 | a.ogg",
        "a/../../b.ogg               | 0 | b.ogg",
        "a/../b.ogg                  | 0 | b.ogg",
        "a//b/./c.ogg                | 0 | a/b/c.ogg",
        "/../../etc/a.ogg            | 0 | /etc/a.ogg",
        "../                         | 0 | TR_1-2026-11-22T114405.ogg",
        "{room_name}/../a.ogg        | 0 | a.ogg",
      })
  void aTemplateGivesLiveKitsName(String template, int retry, String path) {
    assertThat(resolve(template, retry)).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource({"a.mp4, a.mp4", "rec/{track_id}, rec/TR_1", "rec/, rec/TR_1-2026-11-22T114405"})
  void whileTheCodecIsNotKnownTheNameIsAsItWasAskedFor(String template, String path) {
    assertThat(FileNames.resolve(new FileNameWish(template, "TR_1", TRACK, 0, NOW, BERLIN, "")))
        .isEqualTo(path);
  }

  @Test
  void placeholdersOfAnotherKindOfEgressStay() {
    assertThat(inRoom("{track_id}-{room_name}", "r")).isEqualTo("{track_id}-r.ogg");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // template | room name | path
        "rec/{room_name}    | team/daily        | rec/team/daily.ogg",
        "rec/{room_name}    | ../../etc/passwd  | rec/__/__/etc/passwd.ogg",
        "rec/{room_name}    | ..                | rec/...ogg",
        "{room_name}        | /etc/passwd       | etc/passwd.ogg",
        "{room_name}        | //etc//passwd     | etc/passwd.ogg",
        "''                 | ../x              | __/x-2026-11-22T114405.ogg",
        "''                 | /x                | x-2026-11-22T114405.ogg",
        ".{room_name}       | ./x               | __/x.ogg",
        "{room_name}./x     | .                 | __/x.ogg",
        "{room_name}        | {time}            | {time}.ogg",
        "{room_name}        | a/                | a/a/-2026-11-22T114405.ogg",
        "/rec/{room_name}   | ../x              | /rec/__/x.ogg",
        "{room_name}        | ...               | ....ogg",
      })
  void aRoomNameCannotLeaveItsFolder(String template, String room, String path) {
    assertThat(inRoom(template, room)).isEqualTo(path);
  }

  @Test
  void controlCharactersInValuesBecomeUnderscores() {
    assertThat(inRoom("{room_name}", "a\0b\nc\u001bd")).isEqualTo("a_b_c_d.ogg");
    assertThat(inRoom("{room_name}", "a\ud800b 😀 é")).isEqualTo("a_b 😀 é.ogg");
    assertThat(inRoom("", "a\0b")).startsWith("a_b-2026");
  }

  @Test
  void aTemplateWithNulIsRefusedByField() {
    assertThatThrownBy(() -> resolve("a\0.ogg", 0))
        .isInstanceOfSatisfying(
            OutputRefusedException.class,
            refused -> {
              assertThat(refused.field()).isEqualTo("filepath");
              assertThat(refused.reason()).isEqualTo(OutputRefusedException.Reason.INVALID_PATH);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "é", "😀"})
  void aNameTooLongIsCutAndStaysDistinct(String letter) {
    String one = inRoom("rec/{room_name}", letter.repeat(250) + "1");
    String two = inRoom("rec/{room_name}", letter.repeat(250) + "2");
    assertThat(one).isNotEqualTo(two).endsWith(".ogg").startsWith("rec/" + letter);
    assertThat(bytes(one)).isLessThanOrEqualTo("rec/".length() + 255 - 16);
    assertThat(one).doesNotContain("\ufffd");
  }

  @Test
  void aPathTooLongIsRefused() {
    assertThatThrownBy(() -> inRoom("{room_name}", "abc/".repeat(300) + "x"))
        .isInstanceOf(OutputRefusedException.class)
        .hasMessageContaining("filepath")
        .hasMessageContaining("1024");
  }

  @Test
  void noRandomRoomNameLeavesTheFolder() {
    String[] pieces = {"..", ".", "/", "a", "\0", "{time}", "{retry}", "~", "\\", " ", "é"};
    Random random = new Random(20261122);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder room = new StringBuilder();
      for (int n = random.nextInt(8); n >= 0; n--) {
        room.append(pieces[random.nextInt(pieces.length)]);
      }
      String template = new String[] {"", "rec/", "{room_name}", "rec/.{room_name}./x"}[i % 4];
      String path = inRoom(template, room.toString());
      assertThat(path).as("room '%s' in '%s'", room, template).doesNotStartWith("/");
      assertThat(path.split("/", -1)).as(path).doesNotContain("", ".", "..");
      assertThat(path).doesNotContain("\0").endsWith(".ogg");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', true",
    "rec/, true",
    "a-{retry}.mp4, true",
    "rec/{retry}/a.mp4, true",
    "a.mp4, false"
  })
  void liveKitRefusesARetryOfAnExplicitPathWithoutItsPlaceholder(String template, boolean can) {
    assertThat(FileNames.canRetry(template)).isEqualTo(can);
  }

  @ParameterizedTest
  @CsvSource({
    "'', a/b.ogg, a/b.ogg",
    "pre, a/b.ogg, pre/a/b.ogg",
    "pre/, /a/b.ogg, pre/a/b.ogg",
    "/mnt//rec, a.ogg, /mnt/rec/a.ogg"
  })
  void thePrefixGoesInFront(String prefix, String path, String joined) {
    assertThat(FileNames.withPrefix(prefix, path)).isEqualTo(joined);
  }

  @ParameterizedTest
  @CsvSource({"a.ogg, a-7.ogg", "v1.2/a, v1.2/a-7", "a/.ogg, a/.ogg-7", "a.b.ogg, a.b-7.ogg"})
  void aNumberGoesBeforeTheExtension(String path, String numbered) {
    assertThat(FileNames.numbered(path, 7)).isEqualTo(numbered);
  }

  @ParameterizedTest
  @CsvSource({"a/b.ogg, a/EG_1.json", "b.ogg, EG_1.json", "/b.ogg, /EG_1.json"})
  void theManifestLiesBesideTheOutput(String path, String manifest) {
    assertThat(FileNames.manifestBeside(path, "EG_1")).isEqualTo(manifest);
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
