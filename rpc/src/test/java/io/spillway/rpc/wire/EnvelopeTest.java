package io.spillway.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.ClaimResponse;
import io.spillway.protocol.psrpc.Msg;
import io.spillway.protocol.psrpc.Request;
import io.spillway.protocol.psrpc.Response;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EnvelopeTest {
  @Test
  void anEnvelopeIsThePlainMessageOfItsProtoFile() throws Exception {
    ClaimRequest claim =
        ClaimRequest.newBuilder().setRequestId("R").setServerId("S").setAffinity(0.5f).build();
    Msg read = Msg.parseFrom(Envelope.CLAIM_REQUEST.encode(claim));
    assertThat(read.getTypeUrl()).isEqualTo("type.googleapis.com/internal.ClaimRequest");
    assertThat(read.getValue()).isEqualTo(claim.toByteString());
    assertThat(Envelope.CLAIM_REQUEST.encode(claim)).isEqualTo(read.toByteArray());
  }

  @Test
  void everyKindComesBackAsItWent() {
    Request request =
        Request.newBuilder()
            .setRequestId("R")
            .putMetadata("k", "v")
            .setRawRequest(ByteString.copyFrom(new byte[3_000_000]))
            .build();
    assertThat(Envelope.REQUEST.decode(Envelope.REQUEST.encode(request))).contains(request);
    Response response = Response.newBuilder().setError("no").setCode("internal").build();
    assertThat(Envelope.RESPONSE.decode(Envelope.RESPONSE.encode(response))).contains(response);
    ClaimResponse empty = ClaimResponse.getDefaultInstance();
    assertThat(Envelope.CLAIM_RESPONSE.encode(empty))
        .isEqualTo(
            Msg.newBuilder()
                .setTypeUrl("type.googleapis.com/internal.ClaimResponse")
                .build()
                .toByteArray());
    assertThat(Envelope.CLAIM_RESPONSE.decode(Envelope.CLAIM_RESPONSE.encode(empty)))
        .contains(empty);
  }

  @Test
  void anotherKindOnTheChannelIsNoMessage() {
    byte[] claim = Envelope.CLAIM_RESPONSE.encode(ClaimResponse.getDefaultInstance());
    assertThat(Envelope.CLAIM_REQUEST.decode(claim)).isEmpty();
    byte[] nested = Msg.newBuilder().setTypeUrl("a/b/internal.ClaimResponse").build().toByteArray();
    assertThat(Envelope.CLAIM_RESPONSE.decode(nested)).isEmpty();
  }

  @Test
  void brokenBytesAreNoMessageWhateverTheyAre() {
    byte[] good =
        Envelope.RESPONSE.encode(
            Response.newBuilder().setRequestId("R").setError("é").setSentAt(-1).build());
    Random random = new Random(7);
    int unreadable = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] broken = Arrays.copyOf(good, random.nextInt(good.length + 20));
      for (int flips = random.nextInt(4); flips >= 0 && broken.length > 0; flips--) {
        broken[random.nextInt(broken.length)] = (byte) random.nextInt();
      }
      unreadable += Envelope.RESPONSE.decode(broken).isEmpty() ? 1 : 0; // never throws
    }
    assertThat(unreadable).isGreaterThan(10_000);
  }
}
