package io.spillway.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.Empty;
import io.spillway.core.time.SystemTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.StopEgressRequest;
import io.spillway.protocol.psrpc.Request;
import io.spillway.protocol.rpc.GetEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressResponse;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcServer.Bid;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What holds on every bus. */
@Timeout(60)
public abstract class RpcContract {
  private static final CallOptions SHORT = CallOptions.within(Duration.ofSeconds(3));

  protected final SystemTime time = new SystemTime();
  protected final RpcMetrics metrics = new RpcMetrics();
  private final List<AutoCloseable> open = new ArrayList<>();
  private MessageBus bus;
  private int seed;

  /** A bus of its own for this test. */
  protected abstract MessageBus newBus() throws Exception;

  @BeforeEach
  void openBus() throws Exception {
    bus = newBus();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    bus.close();
    time.close();
  }

  private PsrpcClient client(String service) {
    PsrpcClient client =
        new PsrpcClient(bus, service, time, new Random(++seed), ClientLimits.defaults(), metrics);
    open.add(client);
    return client;
  }

  private PsrpcServer server(String service) {
    String id = PsrpcServer.newId(new Random(++seed));
    PsrpcServer server = new PsrpcServer(bus, service, id, time, ServerLimits.defaults(), metrics);
    open.add(server);
    return server;
  }

  @Test
  void aQueueMethodIsAnsweredWithTheHandlersMessage() {
    var got = new ConcurrentLinkedQueue<String>();
    server("IOInfo")
        .serve(
            EgressServices.UPDATE_EGRESS,
            "",
            (info, context) -> {
              got.add(info.getEgressId() + context.metadata());
              assertThat(context.remaining()).isBetween(Duration.ZERO, Duration.ofSeconds(3));
              return Empty.getDefaultInstance();
            });
    Empty answer =
        client("IOInfo")
            .call(
                EgressServices.UPDATE_EGRESS,
                "",
                EgressInfo.newBuilder().setEgressId("EG_1").build(),
                SHORT.withMetadata(Map.of("k", "v")));
    assertThat(answer).isEqualTo(Empty.getDefaultInstance());
    assertThat(got).containsExactly("EG_1{k=v}");
  }

  @Test
  void ofTwoServersOnAQueueOneTakesEachCall() {
    var first = new AtomicInteger();
    var second = new AtomicInteger();
    for (AtomicInteger count : List.of(first, second)) {
      server("EgressHandler")
          .serve(
              EgressServices.STOP_EGRESS,
              "EG_1",
              (request, context) -> {
                count.incrementAndGet();
                return EgressInfo.getDefaultInstance();
              });
    }
    PsrpcClient client = client("EgressHandler");
    for (int i = 0; i < 100; i++) {
      client.call(
          EgressServices.STOP_EGRESS,
          "EG_1",
          StopEgressRequest.newBuilder().setEgressId("EG_" + i).build(),
          SHORT);
    }
    assertThat(first.get() + second.get()).isEqualTo(100);
  }

  @Test
  void topicsAreApart() {
    server("EgressHandler")
        .serve(
            EgressServices.STOP_EGRESS,
            "EG-a|b",
            (request, context) -> EgressInfo.newBuilder().setEgressId("ab").build());
    PsrpcClient client = client("EgressHandler");
    StopEgressRequest request = StopEgressRequest.getDefaultInstance();
    assertThat(client.call(EgressServices.STOP_EGRESS, "EG-a|b", request, SHORT).getEgressId())
        .isEqualTo("ab");
    RpcException none =
        catchThrowableOfType(
            RpcException.class,
            () -> client.call(EgressServices.STOP_EGRESS, "EG-a", request, SHORT));
    assertThat(none.code()).isEqualTo(RpcCode.UNAVAILABLE);
    assertThat(none).hasMessageStartingWith("no response from servers");
  }

  @Test
  void theBestBidGetsTheRequestAndAFullOneIsTakenAtOnce() {
    serveStart("busy", Bid.of(0.5f));
    serveStart("last resort", Bid.of(0.01f));
    serveStart("silent", Bid.of(-1));
    PsrpcClient client = client("EgressInternal");
    CallOptions options = SHORT.withAffinity(1, Duration.ofMillis(300));
    StartEgressRequest request = StartEgressRequest.newBuilder().setEgressId("EG").build();
    long begin = time.nanos();
    EgressInfo chosen = client.call(EgressServices.START_EGRESS, "", request, options);
    assertThat(chosen.getRoomName()).isEqualTo("busy");
    assertThat(time.nanos() - begin).isGreaterThan(290_000_000L);
    serveStart("idle", Bid.of(1));
    begin = time.nanos();
    chosen = client.call(EgressServices.START_EGRESS, "", request, options);
    assertThat(chosen.getRoomName()).isEqualTo("idle");
    assertThat(time.nanos() - begin).isLessThan(290_000_000L);
  }

  @Test
  void aBidHeldBackLosesToOneThatIsNot() {
    serveStart("loaded", new Bid(1, Duration.ofMillis(200)));
    serveStart("idle", Bid.of(1));
    PsrpcClient client = client("EgressInternal");
    for (int i = 0; i < 5; i++) {
      StartEgressRequest request = StartEgressRequest.newBuilder().setEgressId("EG" + i).build();
      EgressInfo chosen =
          client.call(
              EgressServices.START_EGRESS,
              "",
              request,
              SHORT.withAffinity(1, Duration.ofMillis(500)));
      assertThat(chosen.getRoomName()).isEqualTo("idle");
    }
  }

  @Test
  void nobodyWillingIsSaidSo() {
    serveStart("silent", Bid.of(-1));
    assertThatThrownBy(() ->
            client("EgressInternal")
                .call(
                    EgressServices.START_EGRESS,
                    "",
                    StartEgressRequest.getDefaultInstance(),
                    CallOptions.within(Duration.ofMillis(300))))
        .hasMessageStartingWith("no response from servers");
  }

  @Test
  void aMultiRequestCollectsEveryServersAnswerAndLeavesErrorsOut() {
    for (String id : List.of("EG_1", "EG_2")) {
      server("EgressInternal")
          .serve(
              EgressServices.LIST_ACTIVE_EGRESS,
              "",
              (request, context) -> ListActiveEgressResponse.newBuilder().addEgressIds(id).build());
    }
    server("EgressInternal")
        .serve(
            EgressServices.LIST_ACTIVE_EGRESS,
            "",
            (request, context) -> {
              throw new RpcException(RpcCode.INTERNAL, "broken");
            });
    List<ListActiveEgressResponse> answers =
        client("EgressInternal")
            .callAll(
                EgressServices.LIST_ACTIVE_EGRESS,
                "",
                ListActiveEgressRequest.getDefaultInstance(),
                CallOptions.within(Duration.ofMillis(700)));
    assertThat(answers)
        .flatExtracting(ListActiveEgressResponse::getEgressIdsList)
        .containsExactlyInAnyOrder("EG_1", "EG_2");
  }

  @Test
  void anErrorArrivesWithItsCodeTextAndDetails() {
    Any detail = Any.pack(EgressInfo.newBuilder().setEgressId("EG_9").build());
    server("IOInfo")
        .serve(
            EgressServices.GET_EGRESS,
            "",
            (request, context) -> {
              throw new RpcException(RpcCode.NOT_FOUND, "egress not found", List.of(detail));
            });
    RpcException error =
        catchThrowableOfType(
            RpcException.class,
            () ->
                client("IOInfo")
                    .call(
                        EgressServices.GET_EGRESS,
                        "",
                        GetEgressRequest.getDefaultInstance(),
                        SHORT));
    assertThat(error.code()).isEqualTo(RpcCode.NOT_FOUND);
    assertThat(error).hasMessage("egress not found");
    assertThat(error.details()).containsExactly(detail);
  }

  @Test
  void aHandlerThatFailsIsInternalAndHarmsNoOtherCall() {
    var calls = new AtomicInteger();
    server("IOInfo")
        .serve(
            EgressServices.UPDATE_EGRESS,
            "",
            (info, context) -> {
              if (calls.incrementAndGet() == 1) {
                throw new IllegalStateException("secret");
              }
              return Empty.getDefaultInstance();
            });
    PsrpcClient client = client("IOInfo");
    RpcException error =
        catchThrowableOfType(RpcException.class, () -> update(client, "EG_1", SHORT));
    assertThat(error.code()).isEqualTo(RpcCode.INTERNAL);
    assertThat(error).hasMessageNotContaining("secret");
    update(client, "EG_2", SHORT);
  }

  @Test
  void aHandlerThatNeverAnswersCostsTheCallerItsDeadlineOnly() {
    var never = new CountDownLatch(1);
    server("IOInfo")
        .serve(
            EgressServices.UPDATE_EGRESS,
            "",
            (info, context) -> {
              never.await();
              return Empty.getDefaultInstance();
            });
    PsrpcClient client = client("IOInfo");
    long begin = time.nanos();
    RpcException error =
        catchThrowableOfType(
            RpcException.class,
            () -> update(client, "EG_1", CallOptions.within(Duration.ofMillis(400))));
    assertThat(error.code()).isEqualTo(RpcCode.DEADLINE_EXCEEDED);
    assertThat(time.nanos() - begin).isBetween(400_000_000L, 600_000_000L);
  }

  @Test
  void aRequestNoServerCanReadIsRefusedAtOnce() {
    server("IOInfo")
        .serve(EgressServices.UPDATE_EGRESS, "", (info, context) -> Empty.getDefaultInstance());
    RpcMethod<BytesValue, Empty> raw =
        new RpcMethod<>(
            "IOInfo",
            "UpdateEgress",
            true,
            true,
            false,
            false,
            BytesValue.parser(),
            Empty.parser());
    BytesValue garbage =
        BytesValue.newBuilder().setValue(ByteString.copyFrom(new byte[] {-1, -1})).build();
    RpcException error =
        catchThrowableOfType(
            RpcException.class, () -> client("IOInfo").call(raw, "", garbage, SHORT));
    assertThat(error.code()).isEqualTo(RpcCode.MALFORMED_REQUEST);
  }

  @Test
  void sixteenMebibytesTravelBothWays() {
    server("IOInfo")
        .serve(EgressServices.GET_EGRESS, "", (request, context) -> large(request.getEgressId()));
    EgressInfo answer =
        client("IOInfo")
            .call(
                EgressServices.GET_EGRESS,
                "",
                GetEgressRequest.newBuilder().setEgressId("x".repeat(16 << 20)).build(),
                new CallOptions(
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(30),
                    Duration.ofMillis(200),
                    0,
                    Map.of()));
    assertThat(answer.getError()).hasSize(16 << 20);
  }

  private static EgressInfo large(String text) {
    return EgressInfo.newBuilder().setError(text).build();
  }

  @Test
  void aHundredCallersAtOnceAllGetTheirOwnAnswer() throws Exception {
    server("IOInfo")
        .serve(
            EgressServices.GET_EGRESS,
            "",
            (request, context) ->
                EgressInfo.newBuilder().setEgressId(request.getEgressId()).build());
    PsrpcClient client = client("IOInfo");
    Set<String> wrong = ConcurrentHashMap.newKeySet();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      String name = "EG_" + i;
      callers.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int n = 0; n < 20; n++) {
                  var request = GetEgressRequest.newBuilder().setEgressId(name + "_" + n).build();
                  EgressInfo got = client.call(EgressServices.GET_EGRESS, "", request, SHORT);
                  if (!got.getEgressId().equals(request.getEgressId())) {
                    wrong.add(got.getEgressId());
                  }
                }
                wrong.add("done " + name);
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(wrong).hasSize(100).allMatch(entry -> entry.startsWith("done"));
  }

  @Test
  void aServerThatClosesLetsItsHandlersEndAndTakesNoMore() throws Exception {
    var entered = new CountDownLatch(1);
    var leave = new CountDownLatch(1);
    PsrpcServer server = server("IOInfo");
    server.serve(
        EgressServices.UPDATE_EGRESS,
        "",
        (info, context) -> {
          entered.countDown();
          leave.await();
          return Empty.getDefaultInstance();
        });
    PsrpcClient client = client("IOInfo");
    var ended = new ConcurrentLinkedQueue<String>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              update(client, "EG_1", SHORT);
              ended.add("answered");
            });
    entered.await();
    Thread closer = Thread.ofVirtual().start(() -> server.close(Duration.ofSeconds(10)));
    leave.countDown();
    closer.join();
    caller.join();
    assertThat(ended).containsExactly("answered");
    assertThatThrownBy(() -> update(client, "EG_2", CallOptions.within(Duration.ofMillis(200))))
        .isInstanceOf(RpcException.class);
  }

  @Test
  void aRegistrationThatIsClosedCanBeMadeAgain() {
    PsrpcServer server = server("IOInfo");
    var first =
        server.serve(
            EgressServices.UPDATE_EGRESS, "", (info, context) -> Empty.getDefaultInstance());
    assertThatThrownBy(() ->
            server.serve(
                EgressServices.UPDATE_EGRESS, "", (info, context) -> Empty.getDefaultInstance()))
        .isInstanceOf(IllegalStateException.class);
    first.close();
    server.serve(EgressServices.UPDATE_EGRESS, "", (info, context) -> Empty.getDefaultInstance());
    update(client("IOInfo"), "EG_1", SHORT);
  }

  @Test
  void messagesOfAChannelArriveInTheOrderTheyWereSent() throws Exception {
    var got = new ConcurrentLinkedQueue<Integer>();
    var subscription =
        bus.subscribe(
            "order", false, payload -> got.add(((payload[0] & 0xff) << 8) | (payload[1] & 0xff)));
    assertThat(subscription.awaitActive(Duration.ofSeconds(5))).isTrue();
    for (int i = 0; i < 5_000; i++) {
      bus.publish("order", new byte[] {(byte) (i >> 8), (byte) i});
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> got.size() == 5_000);
    assertThat(List.copyOf(got)).isSorted();
  }

  @Test
  void aPeerWithAnotherClockIsServedAndItsSkewIsKnown() {
    var handled = new AtomicInteger();
    server("EgressInternal")
        .serve(
            EgressServices.LIST_ACTIVE_EGRESS,
            "",
            (request, context) -> {
              handled.incrementAndGet();
              return ListActiveEgressResponse.getDefaultInstance();
            });
    for (long seconds : new long[] {-30, 30}) {
      long theirNow = time.unixNanos() + seconds * 1_000_000_000L;
      Request request =
          Request.newBuilder()
              .setRequestId("REQ_" + seconds)
              .setClientId("CLI_" + seconds)
              .setSentAt(theirNow)
              .setExpiry(theirNow + 1_000_000_000L)
              .setMulti(true)
              .build();
      bus.publish(
          Channels.request("EgressInternal", "ListActiveEgress", ""),
          Envelope.REQUEST.encode(request));
    }
    await().atMost(Duration.ofSeconds(5)).until(() -> handled.get() == 2);
    assertThat(metrics.skew().complaint(Duration.ofSeconds(2))).isPresent();
  }

  private void serveStart(String name, Bid bid) {
    server("EgressInternal")
        .serve(
            EgressServices.START_EGRESS,
            "",
            (request, context) -> EgressInfo.newBuilder().setRoomName(name).build(),
            request -> bid);
  }

  private static void update(PsrpcClient client, String egress, CallOptions options) {
    var _ =
        client.call(
            EgressServices.UPDATE_EGRESS,
            "",
            EgressInfo.newBuilder().setEgressId(egress).build(),
            options);
  }
}
