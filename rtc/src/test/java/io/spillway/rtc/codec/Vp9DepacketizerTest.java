package io.spillway.rtc.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.media.Codec;
import org.junit.jupiter.api.Test;

/** RFC 9628, by hand. */
final class Vp9DepacketizerTest {
  private static final String KEY = "824983420014100b560838241c184a";
  private static final String DELTA = "860040929c2050";

  private final Collected out = new Collected(Codec.VP9);

  @Test
  void aKeyFrameTellsItsSize() {
    out.end("8c 8001" + KEY); // I B E, 15-bit picture id
    assertThat(out.only()).isEqualTo(new Collected.Got(KEY, 3_000, true, false, 322, 182));
  }

  @Test
  void nonFlexibleModeWithStructureIsRead() {
    // I L B E V; id; TID/U/SID/D; TL0PICIDX; SS: one layer, Y, G; 640x360; two pictures,
    // the first without, the second with one reference.
    out.end("ae 01 00 05 18 0280 0168 02 00 04 01" + KEY);
    assertThat(out.only().data()).isEqualTo(KEY);
  }

  @Test
  void flexibleModeReferencesAreSkipped() {
    out.end("8c 01" + KEY);
    out.at(6_000).end("dc 02 03 05 06" + DELTA); // I P F B E, three references
    assertThat(out.data()).containsExactly(KEY, DELTA);
    assertThat(out.frames.get(1).key()).isFalse();
  }

  @Test
  void fourReferencesAreMalformed() {
    out.end("dc 02 03 05 07 06" + DELTA);
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.framesDropped()).isEqualTo(1);
  }

  @Test
  void layersOfAPictureGetASuperframeIndex() {
    // Layer 0 with a structure of two layers (322x182, 644x364), layer 1 depends on it.
    out.more("ae 01 00 05 30 0142 00b6 0284 016c" + KEY);
    out.more("a8 01 03 05" + DELTA).end("a4 01 03 05 aabb");
    int first = KEY.length() / 2;
    int second = DELTA.length() / 2 + 2;
    String index = String.format("d9%02x000000%02x000000d9", first, second);
    assertThat(out.only().data()).isEqualTo(KEY + DELTA + "aabb" + index);
    assertThat(out.only().key()).isTrue();
    assertThat(out.only().width()).isEqualTo(644);
    assertThat(out.only().height()).isEqualTo(364);
  }

  @Test
  void aLayerWithoutItsEndIsBroken() {
    out.more("a8 01 00 05" + KEY).end("ac 01 03 05" + DELTA);
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.malformed()).isEqualTo(1);
  }

  @Test
  void aPictureCanEndByTheNextTimestamp() {
    out.more("8c 01" + KEY).at(6_000).end("cc 02" + DELTA);
    assertThat(out.data()).containsExactly(KEY, DELTA);
  }

  @Test
  void missingPaddingBetweenConsecutivePictureIdsIsNoLoss() {
    out.end("8c 7f" + KEY).gap(3).at(6_000).end("cc 00" + DELTA);
    assertThat(out.frames).hasSize(2);
  }

  @Test
  void aMissingBaseLayerIsALossEvenWithTheNextPictureId() {
    out.end("ac 01 00 05" + KEY).gap(1).at(6_000).end("ec 02 02 05" + DELTA);
    assertThat(out.frames).hasSize(1);
    assertThat(out.depacketizer.waitsForKeyFrame()).isTrue();
  }

  @Test
  void cutDescriptorsAreMalformed() {
    out.end("80").end("a0 01").end("82 01 f8 01").end("82 01 08 ff");
    assertThat(out.frames).isEmpty();
    assertThat(out.depacketizer.framesDropped()).isEqualTo(4);
  }
}
