package io.spillway.bench.storm;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.ClaimResponse;
import io.spillway.protocol.psrpc.Request;
import io.spillway.protocol.psrpc.Response;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/**
 * A server of IOInfo.UpdateEgress that misbehaves in all ways known: each answer four times,
 * answers after the deadline, to unknown ids and to clients that are gone, a thousand claims for
 * one request, broken envelopes, messages of 16 MiB. Only requests named "late" are not answered in
 * time. {@link #behave} ends it.
 *
 * <p>It hears requests by a bus, and speaks by a bare connection: Redis then tells whether an
 * answer was given to a subscriber, and so which calls were answered in time over a connection that
 * lived.
 */
final class StormPeer {
  /** How the egress id of a call begins that is answered too late. */
  static final String LATE = "late";

  private static final String ID = "SRV_storm";
  private static final String METHOD = EgressServices.UPDATE_EGRESS.name();
  private static final byte[] LARGE = new byte[16 << 20];

  private static final int CLIENTS_TOLD = 16;

  private static final RawPublisher.Reply UNHEARD = (receivers, sentAt, repliedAt) -> {};

  /** Two of the large messages fill a subscriber's buffer, and Redis cuts it. */
  private static final Duration LARGE_MAY_CUT_FOR = Duration.ofSeconds(2);

  private final RawPublisher speech;
  private final Troubles troubles;
  private final TimeSource time;
  private final Random random = new Random(42);
  private final Map<String, Request> requests = new ConcurrentHashMap<>();
  private final Set<String> clients = new HashSet<>(); // of the reader's thread
  private final Queue<Given> given = new ConcurrentLinkedQueue<>();
  private final MessageBus.Subscription choices;
  private final MessageBus.Subscription calls;
  private volatile boolean behaves;

  /** An answer that Redis gave to a subscriber before the call's time was over. */
  private record Given(String name, long sentAtNanos, long repliedAtNanos) {}

  private int seen;

  StormPeer(MessageBus bus, RawPublisher speech, Troubles troubles, TimeSource time) {
    this.speech = speech;
    this.troubles = troubles;
    this.time = time;
    this.choices =
        bus.subscribe(
            Channels.claimResponse(EgressServices.IO_INFO, METHOD, ""), false, this::chosen);
    this.calls =
        bus.subscribe(Channels.request(EgressServices.IO_INFO, METHOD, ""), true, this::asked);
  }

  /** Waits until it hears calls. */
  boolean awaitActive(Duration wait) throws InterruptedException {
    return choices.awaitActive(wait) && calls.awaitActive(wait);
  }

  /**
   * Egress ids of the calls whose answer Redis gave to their client before the call's time was over
   * and while nothing was in trouble.
   */
  Set<String> answeredInTime() {
    return given.stream()
        .filter(answer -> troubles.spared(answer.sentAtNanos, answer.repliedAtNanos))
        .map(Given::name)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Another load begins: its calls have the same names. */
  void forgetAnswered() {
    given.clear();
  }

  void behave() {
    behaves = true;
  }

  private void asked(byte[] payload) {
    Request request = Envelope.REQUEST.decode(payload).orElseThrow();
    requests.put(request.getRequestId(), request);
    if (behaves) {
      claim(request, ID, 1);
      return;
    }
    seen++;
    String claims = Channels.claim(EgressServices.IO_INFO, request.getClientId());
    String answers = Channels.response(EgressServices.IO_INFO, request.getClientId());
    byte[] broken = new byte[random.nextInt(60)];
    random.nextBytes(broken);
    send(claims, broken);
    send(answers, broken);
    answer(request.toBuilder().setRequestId("REQ_unknown").build(), UNHEARD);
    tellOthers(request);
    claim(request, ID, seen % 50 == 0 ? 1_000 : 4);
    if (seen % 200 == 0) {
      troubles.lasting(LARGE_MAY_CUT_FOR);
      send(answers, LARGE);
      send(
          answers,
          Envelope.RESPONSE.encode(
              Response.newBuilder()
                  .setRequestId("REQ_large")
                  .setRawResponse(ByteString.copyFrom(LARGE))
                  .build()));
    }
  }

  /** Clients that have called before, most of them closed or rebuilt meanwhile, hear it as well. */
  private void tellOthers(Request request) {
    for (String client : clients) {
      if (client.equals(request.getClientId())) {
        continue;
      }
      Request misled = request.toBuilder().setClientId(client).build();
      claim(misled, ID, 1);
      answer(misled, UNHEARD);
    }
    if (clients.size() < CLIENTS_TOLD) {
      clients.add(request.getClientId());
    }
  }

  private void chosen(byte[] payload) {
    ClaimResponse choice = Envelope.CLAIM_RESPONSE.decode(payload).orElseThrow();
    Request request = requests.remove(choice.getRequestId());
    if (request == null || !choice.getServerId().equals(ID)) {
      return;
    }
    if (!behaves && request.getRawRequest().toStringUtf8().contains(LATE)) {
      var _ = time.after(StormClient.TIMEOUT.plusMillis(300), () -> answerFourTimes(request));
    } else if (behaves) {
      answer(request, noted(request));
    } else {
      answerFourTimes(request);
    }
  }

  private void answerFourTimes(Request request) {
    RawPublisher.Reply note = noted(request);
    for (int i = 0; i < 4; i++) {
      answer(request, note);
    }
  }

  private void claim(Request request, String server, int copies) {
    byte[] claim =
        Envelope.CLAIM_REQUEST.encode(
            ClaimRequest.newBuilder()
                .setRequestId(request.getRequestId())
                .setServerId(server)
                .setAffinity(1)
                .build());
    for (int i = 0; i < copies; i++) {
      send(Channels.claim(EgressServices.IO_INFO, request.getClientId()), claim);
    }
  }

  private void answer(Request request, RawPublisher.Reply reply) {
    speech.publish(
        Channels.response(EgressServices.IO_INFO, request.getClientId()),
        Envelope.RESPONSE.encode(
            Response.newBuilder()
                .setRequestId(request.getRequestId())
                .setServerId(ID)
                .setSentAt(time.unixNanos())
                .build()),
        reply);
  }

  private RawPublisher.Reply noted(Request request) {
    return (receivers, sentAtNanos, repliedAtNanos) -> {
      if (receivers > 0 && time.unixNanos() + Troubles.DELIVERED.toNanos() < request.getExpiry()) {
        given.add(new Given(name(request), sentAtNanos, repliedAtNanos));
      }
    };
  }

  private static String name(Request request) {
    try {
      return EgressInfo.parseFrom(request.getRawRequest()).getEgressId();
    } catch (InvalidProtocolBufferException impossible) {
      throw new IllegalStateException("a client of the storm sent no EgressInfo", impossible);
    }
  }

  private void send(String channel, byte[] payload) {
    speech.publish(channel, payload, UNHEARD);
  }
}
