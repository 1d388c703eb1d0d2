package io.spillway.rpc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.ClaimResponse;
import io.spillway.protocol.psrpc.Request;
import io.spillway.protocol.psrpc.Response;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.rpc.bus.MemoryFaults;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server on simulated time against a raw client that is late, repeats itself and lies. */
@Timeout(30)
class ServerUnderFireTest {
  private static final String CLIENT = "CLI";

  private final SimulatedTime time = new SimulatedTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final MemoryBus bus =
      new MemoryBus(Runnable::run, BusLimits.defaults(), MemoryFaults.none(), metrics);
  private final ServerLimits limits =
      new ServerLimits(
          10, 3, 10_000, Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofSeconds(1));
  private final PsrpcServer server = new PsrpcServer(bus, "IOInfo", "SRV", time, limits, metrics);
  private final AtomicInteger handled = new AtomicInteger();
  private final List<String> claimed = new ArrayList<>();

  @BeforeEach
  void serve() {
    var _ =
        server.serve(
            EgressServices.UPDATE_EGRESS,
            "",
            (info, context) -> {
              handled.incrementAndGet();
              return Empty.getDefaultInstance();
            });
    var _ =
        bus.subscribe(
            Channels.claim("IOInfo", CLIENT),
            false,
            payload -> {
              ClaimRequest claim = Envelope.CLAIM_REQUEST.decode(payload).orElseThrow();
              claimed.add(claim.getRequestId());
            });
  }

  private void ask(String id, Duration lasting) {
    ask(id, lasting, 0);
  }

  /** With so many bytes more. */
  private void ask(String id, Duration lasting, int more) {
    long now = time.unixNanos();
    Request request =
        Request.newBuilder()
            .setRequestId(id)
            .setClientId(CLIENT)
            .setSentAt(now)
            .setExpiry(now + lasting.toNanos())
            .putMetadata("more", "x".repeat(more))
            .build();
    bus.publish(Channels.request("IOInfo", "UpdateEgress", ""), Envelope.REQUEST.encode(request));
  }

  private void choose(String id, String chosen) {
    bus.publish(
        Channels.claimResponse("IOInfo", "UpdateEgress", ""),
        Envelope.CLAIM_RESPONSE.encode(
            ClaimResponse.newBuilder().setRequestId(id).setServerId(chosen).build()));
  }

  @Test
  void aRequestWhoseTimeIsOverIsNotEvenClaimed() {
    ask("R1", Duration.ZERO);
    ask("R2", Duration.ofSeconds(-1));
    assertThat(claimed).isEmpty();
    assertThat(metrics.drops(DropReason.EXPIRED)).isEqualTo(2);
  }

  @Test
  void aChoiceThatComesAfterTheExpiryStartsNothing() {
    ask("R1", Duration.ofSeconds(3));
    assertThat(claimed).containsExactly("R1");
    time.advance(Duration.ofSeconds(3));
    choose("R1", "SRV");
    assertThat(metrics.drops(DropReason.REPEATED) + metrics.drops(DropReason.EXPIRED)).isEqualTo(1);
    assertThat(metrics.handledRequests()).isZero();
  }

  @Test
  void aRequestAndItsChoiceFourTimesRunOnce() {
    for (int i = 0; i < 4; i++) {
      ask("R1", Duration.ofSeconds(3));
    }
    for (int i = 0; i < 4; i++) {
      choose("R1", "SRV");
    }
    await().until(() -> handled.get() == 1);
    assertThat(claimed).containsExactly("R1");
    assertThat(metrics.drops(DropReason.REPEATED)).isEqualTo(6);
    assertThat(metrics.handledRequests()).isEqualTo(1);
  }

  @Test
  void anotherServersChoiceStartsNothingAndOneForNobodyIsUnknown() {
    ask("R1", Duration.ofSeconds(3));
    choose("R1", "OTHER");
    choose("R1", "SRV");
    choose("R_unknown", "SRV");
    assertThat(metrics.drops(DropReason.REPEATED)).isEqualTo(1);
    assertThat(metrics.drops(DropReason.UNKNOWN)).isEqualTo(1);
    assertThat(metrics.handledRequests()).isZero();
  }

  @Test
  void moreRequestsThanItMayHoldAreLeftToOthersAndRoomComesBackWithTheExpiry() {
    for (int i = 0; i < 5; i++) {
      ask("R" + i, Duration.ofSeconds(3));
    }
    assertThat(claimed).containsExactly("R0", "R1", "R2");
    assertThat(metrics.drops(DropReason.OVERFLOW)).isEqualTo(2);
    time.advance(Duration.ofSeconds(3));
    ask("R9", Duration.ofSeconds(3));
    assertThat(claimed).last().isEqualTo("R9");
  }

  @Test
  void aRequestThatSaysItLivesForYearsIsForgottenAfterAMinute() {
    for (int i = 0; i < 3; i++) {
      ask("R" + i, Duration.ofDays(1_000));
    }
    assertThat(metrics.budgetsCut()).isEqualTo(3);
    time.advance(Duration.ofSeconds(60));
    ask("R9", Duration.ofSeconds(3));
    assertThat(claimed).containsExactly("R0", "R1", "R2", "R9");
  }

  @Test
  void requestsOfMoreBytesThanItMayHoldAreLeftToOthersAndRoomComesBackWithTheChoice() {
    ask("R1", Duration.ofSeconds(3), 6_000);
    ask("R2", Duration.ofSeconds(3), 6_000);
    assertThat(claimed).containsExactly("R1");
    assertThat(metrics.drops(DropReason.OVERFLOW)).isEqualTo(1);
    choose("R1", "OTHER");
    ask("R3", Duration.ofSeconds(3), 6_000);
    time.advance(Duration.ofSeconds(3));
    ask("R4", Duration.ofSeconds(3), 6_000);
    assertThat(claimed).containsExactly("R1", "R3", "R4");
  }

  @Test
  void anErrorInAHandlerIsAnsweredInternalAndCounted() {
    var _ =
        server.serve(
            EgressServices.UPDATE_EGRESS,
            "broken",
            (info, context) -> {
              throw new StackOverflowError("bad handler");
            });
    List<Response> answers = new CopyOnWriteArrayList<>();
    var _ =
        bus.subscribe(
            Channels.response("IOInfo", CLIENT),
            false,
            payload -> answers.add(Envelope.RESPONSE.decode(payload).orElseThrow()));
    long now = time.unixNanos();
    bus.publish(
        Channels.request("IOInfo", "UpdateEgress", "broken"),
        Envelope.REQUEST.encode(
            Request.newBuilder()
                .setRequestId("R1")
                .setClientId(CLIENT)
                .setSentAt(now)
                .setExpiry(now + Duration.ofSeconds(3).toNanos())
                .build()));
    bus.publish(
        Channels.claimResponse("IOInfo", "UpdateEgress", "broken"),
        Envelope.CLAIM_RESPONSE.encode(
            ClaimResponse.newBuilder().setRequestId("R1").setServerId("SRV").build()));
    await().until(() -> !answers.isEmpty());
    assertThat(answers.getFirst().getCode()).isEqualTo("internal");
    assertThat(metrics.drops(DropReason.FAILED)).isEqualTo(1);
  }

  @Test
  void brokenBytesOnEitherChannelAreCountedAndTheNextRequestIsServed() {
    bus.publish(Channels.request("IOInfo", "UpdateEgress", ""), new byte[] {1, 2, 3});
    bus.publish(Channels.claimResponse("IOInfo", "UpdateEgress", ""), new byte[0]);
    assertThat(metrics.drops(DropReason.MALFORMED)).isEqualTo(2);
    ask("R1", Duration.ofSeconds(3));
    choose("R1", "SRV");
    await().until(() -> handled.get() == 1);
  }
}
