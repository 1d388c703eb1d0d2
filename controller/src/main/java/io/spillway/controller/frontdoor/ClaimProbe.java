package io.spillway.controller.frontdoor;

import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.protocol.psrpc.ClaimRequest;
import io.spillway.protocol.psrpc.Request;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import io.spillway.rpc.wire.Ids;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Finds out who takes a livekit-server's egress requests: it asks as livekit-server does, collects
 * the claims, and chooses nobody. A psrpc server runs nothing before it was chosen and forgets a
 * request at its expiry (livekit/psrpc pkg/server/rpc.go), so nobody starts anything.
 *
 * <p>The request is for a track without room, name and output, which no node could record either;
 * and it is said to cost next to no CPU, so that a livekit/egress node which is nearly full claims
 * it as well (livekit/egress pkg/stats/monitor.go). One that is full keeps silent, and is heard by
 * a later probe. Thread-safe, one probe at a time.
 */
final class ClaimProbe implements AutoCloseable {
  private static final String MARK = "EG_spillway_probe";
  private static final double NEXT_TO_NO_CPU = 0.001;

  /** More claimants than a fleet has are not kept apart. */
  private static final int MOST = 1_000;

  private final MessageBus bus;
  private final TimeSource time;
  private final Ids ids;
  private final String clientId;
  private final MessageBus.Subscription claims;
  private final Set<String> claimants = ConcurrentHashMap.newKeySet();
  private volatile String asked = "";

  ClaimProbe(MessageBus bus, TimeSource time, RandomGenerator random) {
    this.bus = bus;
    this.time = time;
    this.ids = new Ids(random);
    this.clientId = ids.client();
    this.claims =
        bus.subscribe(
            Channels.claim(EgressServices.EGRESS_INTERNAL, clientId), false, this::claimed);
  }

  /** Whether a request is a probe, of whichever controller. */
  static boolean isProbe(StartEgressRequest request) {
    return request.getEgressId().equals(MARK);
  }

  /** Who claims within this time; nobody when the bus doesn't carry the question. */
  synchronized Set<String> ask(Duration within) throws InterruptedException {
    claimants.clear();
    asked = ids.request();
    if (!claims.awaitActive(within)) {
      return Set.of();
    }
    long now = time.unixNanos();
    Request request =
        Request.newBuilder()
            .setRequestId(asked)
            .setClientId(clientId)
            .setSentAt(now)
            .setExpiry(now + within.toNanos())
            .setRawRequest(
                StartEgressRequest.newBuilder()
                    .setEgressId(MARK)
                    .setEstimatedCpu(NEXT_TO_NO_CPU)
                    .setTrack(TrackEgressRequest.getDefaultInstance())
                    .build()
                    .toByteString())
            .build();
    try {
      bus.publish(
          Channels.request(EgressServices.EGRESS_INTERNAL, EgressServices.START_EGRESS.name(), ""),
          Envelope.REQUEST.encode(request));
    } catch (RpcException full) {
      return Set.of();
    }
    time.pause(within);
    return Set.copyOf(claimants);
  }

  private void claimed(byte[] payload) {
    Envelope.CLAIM_REQUEST
        .decode(payload)
        .filter(claim -> claim.getRequestId().equals(asked) && claimants.size() < MOST)
        .map(ClaimRequest::getServerId)
        .ifPresent(claimants::add);
  }

  @Override
  public void close() {
    claims.close();
  }
}
