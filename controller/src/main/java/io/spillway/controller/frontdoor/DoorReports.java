package io.spillway.controller.frontdoor;

import com.google.protobuf.Message;
import io.spillway.controller.webhook.Answer;
import io.spillway.controller.webhook.Poster;
import io.spillway.controller.webhook.Webhooks;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.rpc.GetEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.store.ControllerStore;
import io.spillway.store.StatusOrder;
import io.spillway.store.StoreException;
import io.spillway.store.outbox.Delivery;
import io.spillway.store.outbox.DeliveryQuery;
import io.spillway.store.outbox.EventKind;
import io.spillway.store.outbox.OutboxEvent;
import io.spillway.store.outbox.Target;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells livekit-server's IOInfo what becomes of egresses. Its journal is the store's outbox: an
 * event is there in the transaction of the change it tells of, whichever controller took that, and
 * stays until it was acknowledged. Thread-safe.
 *
 * <p>livekit-server overwrites blindly and sends a webhook for each UpdateEgress
 * (pkg/service/ioservice.go). An event may come here twice, because who sent it was killed before
 * it could note so; therefore it is asked first what it has, and told only what is news to it.
 */
public final class DoorReports implements Poster, AutoCloseable {
  /** Stands for livekit-server in the outbox. */
  public static final Target TARGET = new Target("front-door:livekit-server", "");

  private static final Set<RpcCode> SILENCE =
      EnumSet.of(RpcCode.UNAVAILABLE, RpcCode.DEADLINE_EXCEEDED, RpcCode.CANCELED);

  private static final String NO_EGRESS = "EG_SpillwayAsksWhoAnswers";
  private static final Duration LOOK_WITHIN = Duration.ofSeconds(2);
  private static final Duration CALL = Duration.ofSeconds(5);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(5);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(80);
  private static final Logger LOG = LoggerFactory.getLogger(DoorReports.class);

  /** The bus hears itself twice a second. */
  private static final Duration CUT_OFF = Duration.ofSeconds(5);

  private final DoorBus door;
  private final RpcClient io;
  private final ControllerStore store;
  private final TimeSource time;

  /** Subscribes to answers on the door's bus. */
  public DoorReports(
      DoorBus door,
      ControllerStore store,
      RpcMetrics metrics,
      TimeSource time,
      RandomGenerator random) {
    this.door = door;
    this.io =
        new PsrpcClient(
            door.bus(), EgressServices.IO_INFO, time, random, ClientLimits.defaults(), metrics);
    this.store = store;
    this.time = time;
  }

  /** For the outbox's courier. */
  public Webhooks.Hearer hearer() {
    return new Webhooks.Hearer(
        TARGET.url(), this, () -> door.bus().sinceProof().compareTo(CUT_OFF) < 0);
  }

  /** {@inheritDoc} At most three calls, each with its time-out. */
  @Override
  public Answer post(Delivery delivery) {
    try {
      tell(delivery.event());
      return new Answer.Taken();
    } catch (RpcException failure) {
      String text = failure.code().wire() + ": " + failure.getMessage();
      return SILENCE.contains(failure.code())
          ? new Answer.Silent(text)
          : new Answer.Refused(failure.code().httpStatus(), text);
    } catch (StoreException away) {
      return new Answer.Silent("not told: " + away.getMessage());
    }
  }

  private void tell(OutboxEvent event) {
    if (event.kind() == EventKind.STARTED) {
      create(event.info());
      return;
    }
    Optional<EgressInfo> theirs = theirs(event.info().getEgressId());
    if (theirs.isPresent() && !isNews(event.info(), theirs.get())) {
      return;
    }
    boolean onlyEvent = event.sequence() == 1;
    if (onlyEvent && theirs.isEmpty()) {
      if (noNodeHadIt(event.info())) {
        return; // the caller was told of the failure; livekit-server never knew the egress
      }
      create(event.info());
    }
    call(EgressServices.UPDATE_EGRESS, event.info());
  }

  /** Idempotent at livekit-server, as long as two don't come at once: nobody else sends it. */
  private void create(EgressInfo info) {
    call(
        EgressServices.CREATE_EGRESS,
        info.toBuilder().setStatus(EgressStatus.EGRESS_STARTING).clearEndedAt().build());
  }

  private <R extends Message> R call(RpcMethod<EgressInfo, R> method, EgressInfo info) {
    return io.call(method, "", info, CallOptions.within(CALL));
  }

  private Optional<EgressInfo> theirs(String egressId) {
    GetEgressRequest question = GetEgressRequest.newBuilder().setEgressId(egressId).build();
    try {
      return Optional.of(
          io.call(EgressServices.GET_EGRESS, "", question, CallOptions.within(CALL)));
    } catch (RpcException unknown) {
      if (unknown.code() == RpcCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw unknown;
    }
  }

  /** Whether livekit-server answers now; takes two seconds when it doesn't. */
  boolean isAnswered() {
    try {
      GetEgressRequest question = GetEgressRequest.newBuilder().setEgressId(NO_EGRESS).build();
      var _ = io.call(EgressServices.GET_EGRESS, "", question, CallOptions.within(LOOK_WITHIN));
      return true;
    } catch (RpcException failure) {
      return !SILENCE.contains(failure.code());
    }
  }

  private boolean noNodeHadIt(EgressInfo info) {
    return store.find(info.getEgressId()).map(stored -> stored.node().isEmpty()).orElse(true);
  }

  /** Whether {@code ours} is later than what livekit-server has. */
  static boolean isNews(EgressInfo ours, EgressInfo theirs) {
    return switch (StatusOrder.step(theirs.getStatus(), ours.getStatus())) {
      case FORWARD -> true;
      case SAME -> ours.getUpdatedAt() > theirs.getUpdatedAt();
      case BACKWARD, AFTER_END -> false;
    };
  }

  /**
   * Waits until livekit-server was told that an egress began. It stores the answer to a start as a
   * new egress unless it has one (pkg/service/egress.go): answered earlier, there could be two
   * egress_started, or its STARTING over our ACTIVE.
   */
  void awaitStartTold(String egressId, Deadline deadline) throws InterruptedException {
    Duration pause = FIRST_PAUSE;
    while (isStartWaiting(egressId) && !deadline.hasPassed()) {
      time.pause(pause);
      pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : pause;
    }
  }

  private boolean isStartWaiting(String egressId) {
    DeliveryQuery query =
        new DeliveryQuery(egressId, TARGET.url(), Optional.of(Delivery.State.WAITING), "", 10);
    try {
      return store.outbox().list(query).deliveries().stream()
          .anyMatch(delivery -> delivery.event().kind() == EventKind.STARTED);
    } catch (StoreException away) {
      LOG.atDebug().setCause(away).log("not known whether livekit-server was told of a start");
      return false;
    }
  }

  @Override
  public void close() {
    io.close();
  }
}
