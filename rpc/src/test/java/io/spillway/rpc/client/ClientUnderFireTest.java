package io.spillway.rpc.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.spillway.core.bounded.Backoff;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.Request;
import io.spillway.protocol.psrpc.Response;
import io.spillway.protocol.rpc.ListActiveEgressRequest;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcMetrics.CallEnd;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.rpc.bus.MemoryFaults;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client on simulated time against a raw peer: everything runs on the calling thread. */
@Timeout(30)
class ClientUnderFireTest {
  private static final CallOptions SECONDS = CallOptions.within(Duration.ofSeconds(3));

  private static final String UPDATES = Channels.request("IOInfo", "UpdateEgress", "");

  private final SimulatedTime time = new SimulatedTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final Queue<String> requested = new ConcurrentLinkedQueue<>();
  private final List<String> suspicions = new CopyOnWriteArrayList<>();
  private final MemoryBus memory =
      new MemoryBus(Runnable::run, BusLimits.defaults(), MemoryFaults.none(), metrics);
  private final MessageBus bus = new Suspected();
  private final AtomicLong connection = new AtomicLong(1);
  private final ClientLimits limits =
      new ClientLimits(100, 10, 3, new Backoff(Duration.ofSeconds(10), Duration.ofSeconds(60)));
  private final PsrpcClient client =
      new PsrpcClient(bus, "IOInfo", time, new Random(3), limits, metrics);

  /** The memory bus, but as one that has connections to throw away. */
  private final class Suspected implements MessageBus {
    @Override
    public void publish(String channel, byte[] payload) {
      if (channel.equals(UPDATES)) {
        requested.add(channel);
      }
      memory.publish(channel, payload);
    }

    @Override
    public Subscription subscribe(String channel, boolean queue, Receiver receiver) {
      return memory.subscribe(channel, queue, receiver);
    }

    @Override
    public long connection() {
      return connection.get();
    }

    @Override
    public void suspect(String reason) {
      suspicions.add(reason);
    }

    @Override
    public void close() {
      memory.close();
    }
  }

  /** Answers each request: copies of claim and answer. */
  private void peer(int copies) {
    var _ =
        bus.subscribe(
            Channels.request("IOInfo", "UpdateEgress", ""),
            true,
            payload -> {
              Request request = Envelope.REQUEST.decode(payload).orElseThrow();
              for (int i = 0; i < copies; i++) {
                claim(request, "SRV");
                answer(request, "SRV");
              }
            });
  }

  private void claim(Request request, String server) {
    bus.publish(
        Channels.claim("IOInfo", request.getClientId()),
        Envelope.CLAIM_REQUEST.encode(
            ClaimRequest.newBuilder()
                .setRequestId(request.getRequestId())
                .setServerId(server)
                .setAffinity(1)
                .build()));
  }

  private void answer(Request request, String server) {
    bus.publish(
        Channels.response("IOInfo", request.getClientId()),
        Envelope.RESPONSE.encode(
            Response.newBuilder()
                .setRequestId(request.getRequestId())
                .setServerId(server)
                .build()));
  }

  private void update() {
    var _ = client.call(EgressServices.UPDATE_EGRESS, "", EgressInfo.getDefaultInstance(), SECONDS);
  }

  /** A call on a thread of its own; its failure, if any. */
  private AtomicReference<Optional<RpcException>> updateAside() {
    var ended = new AtomicReference<Optional<RpcException>>();
    var _ =
        Thread.ofVirtual()
            .start(() ->
                ended.set(
                    Optional.ofNullable(catchThrowableOfType(RpcException.class, this::update))));
    return ended;
  }

  private static RpcException failure(AtomicReference<Optional<RpcException>> call) {
    await().until(() -> call.get() != null);
    return call.get().orElseThrow();
  }

  @Test
  void everyAnswerFourTimesIsOneAnswerAndThreeRepetitions() {
    peer(4);
    for (int i = 0; i < 500; i++) {
      update();
    }
    assertThat(metrics.calls(CallEnd.ANSWERED)).isEqualTo(500);
    assertThat(metrics.drops(DropReason.REPEATED)).isGreaterThanOrEqualTo(1_500);
  }

  @Test
  void brokenBytesAndUnknownIdsAreCountedAndTheNextCallIsAnswered() {
    peer(1);
    bus.publish(Channels.response("IOInfo", client.clientId()), new byte[] {1, 2, 3});
    bus.publish(Channels.claim("IOInfo", client.clientId()), new byte[0]);
    answer(
        Request.newBuilder().setRequestId("REQ_x").setClientId(client.clientId()).build(), "SRV");
    update();
    assertThat(metrics.drops(DropReason.MALFORMED)).isEqualTo(2);
    assertThat(metrics.drops(DropReason.UNKNOWN)).isEqualTo(1);
  }

  @Test
  void anAnswerAfterTheDeadlineIsLateAndHarmsNothing() {
    var requests = new ConcurrentLinkedQueue<Request>();
    var _ =
        bus.subscribe(
            Channels.request("IOInfo", "UpdateEgress", ""),
            true,
            payload -> {
              Request request = Envelope.REQUEST.decode(payload).orElseThrow();
              requests.add(request);
              claim(request, "SRV");
            });
    var call = updateAside();
    await().until(() -> !requests.isEmpty());
    time.advance(Duration.ofSeconds(3));
    assertThat(failure(call).code()).isEqualTo(RpcCode.DEADLINE_EXCEEDED);
    await().until(() -> metrics.calls(CallEnd.TIMED_OUT) == 1);
    answer(requests.element(), "SRV");
    assertThat(metrics.drops(DropReason.LATE)).isEqualTo(1);
  }

  @Test
  void afterThreeUnansweredCallsTheClientTakesANewIdAndWorksAgain() {
    String before = client.clientId();
    for (int i = 0; i < 3; i++) {
      assertThat(unanswered()).hasMessageStartingWith("no response from servers");
    }
    assertThat(client.clientId()).isNotEqualTo(before);
    assertThat(metrics.clientRebuilds()).isEqualTo(1);
    peer(1);
    update();
  }

  @Test
  void withinTheBackOffTheClientIsNotRebuiltAgain() {
    for (int i = 0; i < 6; i++) { // a second each: the back-off is at least five
      unanswered();
    }
    assertThat(metrics.clientRebuilds()).isEqualTo(1);
    time.advance(Duration.ofSeconds(20));
    unanswered();
    assertThat(metrics.clientRebuilds()).isEqualTo(2);
  }

  @Test
  void callsThatLostTheirConnectionAreNoReasonToRebuildTheClient() {
    for (int i = 0; i < 6; i++) {
      unansweredMeanwhile(connection::incrementAndGet);
    }
    connection.set(0);
    for (int i = 0; i < 6; i++) {
      unanswered();
    }
    assertThat(metrics.clientRebuilds()).isZero();
    connection.set(20);
    for (int i = 0; i < 3; i++) {
      unanswered();
    }
    assertThat(metrics.clientRebuilds()).isEqualTo(1);
  }

  @Test
  void callsOfATroubleThatIsOverDoNotHaveAClientRebuiltThatIsAnsweredAgain() {
    List<AtomicReference<Optional<RpcException>>> old = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      old.add(updateAside());
    }
    await().until(() -> requested.size() == 5);
    time.advance(Duration.ofMillis(500));
    peer(1);
    update();
    String before = client.clientId();
    time.advance(Duration.ofMillis(2_500));
    old.forEach(call -> assertThat(failure(call).code()).isEqualTo(RpcCode.UNAVAILABLE));
    assertThat(metrics.calls(CallEnd.UNANSWERED)).isEqualTo(5);
    assertThat(client.clientId()).isEqualTo(before);
  }

  private void unansweredMeanwhile(Runnable meanwhile) {
    var call = updateAside();
    await().until(() -> !requested.isEmpty());
    requested.clear();
    meanwhile.run();
    time.advance(Duration.ofSeconds(3));
    assertThat(failure(call).code()).isEqualTo(RpcCode.UNAVAILABLE);
  }

  private RpcException unanswered() {
    return endedAs(CallEnd.UNANSWERED);
  }

  private RpcException endedAs(CallEnd end) {
    long before = metrics.calls(end);
    var call = updateAside();
    await()
        .pollInterval(Duration.ofMillis(5))
        .until(() -> {
          time.advance(Duration.ofMillis(100));
          return call.get() != null;
        });
    assertThat(metrics.calls(end)).isEqualTo(before + 1);
    return failure(call);
  }

  /** A server that claims and is not heard of again; what it was asked. */
  private ConcurrentLinkedQueue<Request> claimOnly() {
    var requests = new ConcurrentLinkedQueue<Request>();
    var _ =
        bus.subscribe(
            Channels.request("IOInfo", "UpdateEgress", ""),
            true,
            payload -> {
              Request request = Envelope.REQUEST.decode(payload).orElseThrow();
              claim(request, "SRV");
              requests.add(request);
            });
    return requests;
  }

  @Test
  void claimedAndNeverAnsweredIsSilenceTooAndRebuildsTheClientOncePerBackOff() {
    var _ = claimOnly();
    String before = client.clientId();
    for (int i = 0; i < 2; i++) {
      assertThat(endedAs(CallEnd.TIMED_OUT).code()).isEqualTo(RpcCode.DEADLINE_EXCEEDED);
    }
    assertThat(metrics.clientRebuilds()).isZero();
    endedAs(CallEnd.TIMED_OUT);
    assertThat(metrics.clientRebuilds()).isEqualTo(1);
    assertThat(client.clientId()).isNotEqualTo(before);
    assertThat(suspicions).hasSize(1).first().asString().contains("3 calls in a row");
    endedAs(CallEnd.TIMED_OUT); // three seconds each, and the back-off is at least five
    assertThat(metrics.clientRebuilds()).isEqualTo(1);
    time.advance(Duration.ofSeconds(20));
    endedAs(CallEnd.TIMED_OUT);
    endedAs(CallEnd.TIMED_OUT);
    assertThat(metrics.clientRebuilds()).isEqualTo(2);
  }

  @Test
  void anAnswerInBetweenIsTheEndOfTheSilence() {
    var requests = claimOnly();
    for (int round = 0; round < 3; round++) {
      endedAs(CallEnd.TIMED_OUT);
      endedAs(CallEnd.TIMED_OUT);
      requests.clear();
      var call = updateAside();
      await().until(() -> !requests.isEmpty());
      answer(requests.element(), "SRV");
      await().until(() -> call.get() != null);
      assertThat(call.get()).isEmpty();
    }
    assertThat(metrics.clientRebuilds()).isZero();
  }

  @Test
  void aCallInFlightWhenTheClientIsRebuiltHearsUnavailableAndThatItMayHaveRun() {
    var requests = claimOnly();
    endedAs(CallEnd.TIMED_OUT);
    endedAs(CallEnd.TIMED_OUT);
    var third = updateAside();
    await().until(() -> requests.size() == 3);
    time.advance(Duration.ofSeconds(2));
    var inFlight = updateAside();
    await().until(() -> requests.size() == 4);
    time.advance(Duration.ofSeconds(1));
    assertThat(failure(third).code()).isEqualTo(RpcCode.DEADLINE_EXCEEDED);
    RpcException cut = failure(inFlight);
    assertThat(cut.code()).isEqualTo(RpcCode.UNAVAILABLE);
    assertThat(cut).hasMessageStartingWith("the client was rebuilt after 3 calls in a row");
    assertThat(cut.mayHaveRun()).isTrue();
  }

  @Test
  void aMultiCallCutByARebuildFailsAndDoesNotReturnAPart() {
    var _ = claimOnly();
    var _ =
        bus.subscribe(
            Channels.request("IOInfo", EgressServices.LIST_ACTIVE_EGRESS.name(), ""),
            false,
            payload -> answer(Envelope.REQUEST.decode(payload).orElseThrow(), "SRV_1"));
    endedAs(CallEnd.TIMED_OUT);
    endedAs(CallEnd.TIMED_OUT);
    var multi = new AtomicReference<Optional<RpcException>>();
    Thread caller =
        Thread.ofVirtual()
            .start(() ->
                multi.set(
                    Optional.ofNullable(
                        catchThrowableOfType(
                            RpcException.class,
                            () ->
                                client.callAll(
                                    EgressServices.LIST_ACTIVE_EGRESS,
                                    "",
                                    ListActiveEgressRequest.getDefaultInstance(),
                                    CallOptions.within(Duration.ofSeconds(20)))))));
    await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);
    endedAs(CallEnd.TIMED_OUT);
    assertThat(metrics.clientRebuilds()).isEqualTo(1);
    RpcException cut = failure(multi);
    assertThat(cut.code()).isEqualTo(RpcCode.UNAVAILABLE);
    assertThat(cut).hasMessageEndingWith("1 answers until then");
    assertThat(metrics.calls(CallEnd.ANSWERED)).isZero();
  }

  @Test
  void oneCallTooManyIsRefusedAtOnce() {
    PsrpcClient one =
        new PsrpcClient(
            bus,
            "IOInfo",
            time,
            new Random(4),
            new ClientLimits(1, 1, 3, limits.rebuildBackoff()),
            metrics);
    var holder = new AtomicReference<RpcException>();
    Thread first =
        Thread.ofVirtual()
            .start(() ->
                holder.set(
                    catchThrowableOfType(
                        RpcException.class,
                        () ->
                            one.call(
                                EgressServices.UPDATE_EGRESS,
                                "",
                                EgressInfo.getDefaultInstance(),
                                SECONDS))));
    await().until(() -> first.getState() == Thread.State.TIMED_WAITING);
    RpcException refused =
        catchThrowableOfType(
            RpcException.class,
            () ->
                one.call(
                    EgressServices.UPDATE_EGRESS, "", EgressInfo.getDefaultInstance(), SECONDS));
    assertThat(refused.code()).isEqualTo(RpcCode.RESOURCE_EXHAUSTED);
    one.close();
    await().until(() -> holder.get() != null);
    assertThat(holder.get().code()).isEqualTo(RpcCode.CANCELED);
  }

  @Test
  void anInterruptedCallerReturnsAtOnceAndStaysInterrupted() throws Exception {
    var interrupted = new AtomicReference<Boolean>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              RpcException canceled = catchThrowableOfType(RpcException.class, this::update);
              interrupted.set(
                  canceled.code() == RpcCode.CANCELED && Thread.currentThread().isInterrupted());
            });
    await().until(() -> caller.getState() == Thread.State.TIMED_WAITING);
    caller.interrupt();
    caller.join();
    assertThat(interrupted.get()).isTrue();
  }
}
