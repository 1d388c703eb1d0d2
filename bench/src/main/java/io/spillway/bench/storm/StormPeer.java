package io.spillway.bench.storm;

import com.google.protobuf.ByteString;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.ClaimResponse;
import io.spillway.protocol.psrpc.Request;
import io.spillway.protocol.psrpc.Response;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server of IOInfo.UpdateEgress that misbehaves in all ways known: each answer four times,
 * answers after the deadline, to unknown ids and to clients that are gone, a thousand claims for
 * one request, broken envelopes, messages of 16 MiB. Only requests named "late" are not answered in
 * time. {@link #behave} ends it.
 */
final class StormPeer {
  /** How the egress id of a call begins that is answered too late. */
  static final String LATE = "late";

  private static final String ID = "SRV_storm";
  private static final String METHOD = EgressServices.UPDATE_EGRESS.name();
  private static final byte[] LARGE = new byte[16 << 20];

  private final MessageBus bus;
  private final TimeSource time;
  private final Random random = new Random(42);
  private final Map<String, Request> requests = new ConcurrentHashMap<>();
  private final MessageBus.Subscription choices;
  private final MessageBus.Subscription calls;
  private volatile boolean behaves;
  private int seen;

  StormPeer(MessageBus bus, TimeSource time) {
    this.bus = bus;
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
    answer(request.toBuilder().setRequestId("REQ_unknown").build());
    answer(request.toBuilder().setClientId("CLI_longgone").build());
    claim(request, ID, seen % 50 == 0 ? 1_000 : 4);
    if (seen % 200 == 0) {
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

  private void chosen(byte[] payload) {
    ClaimResponse choice = Envelope.CLAIM_RESPONSE.decode(payload).orElseThrow();
    Request request = requests.remove(choice.getRequestId());
    if (request == null || !choice.getServerId().equals(ID)) {
      return;
    }
    if (!behaves && request.getRawRequest().toStringUtf8().contains(LATE)) {
      var _ = time.after(StormClient.TIMEOUT.plusMillis(300), () -> answerFourTimes(request));
    } else if (behaves) {
      answer(request);
    } else {
      answerFourTimes(request);
    }
  }

  private void answerFourTimes(Request request) {
    for (int i = 0; i < 4; i++) {
      answer(request);
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

  private void answer(Request request) {
    send(
        Channels.response(EgressServices.IO_INFO, request.getClientId()),
        Envelope.RESPONSE.encode(
            Response.newBuilder()
                .setRequestId(request.getRequestId())
                .setServerId(ID)
                .setSentAt(time.unixNanos())
                .build()));
  }

  private void send(String channel, byte[] payload) {
    try {
      bus.publish(channel, payload);
    } catch (RpcException full) {
      // The storm may outrun its own bus; the clean calls at the end show that it recovers.
    }
  }
}
