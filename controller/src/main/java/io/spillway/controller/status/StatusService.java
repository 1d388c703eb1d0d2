package io.spillway.controller.status;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.controller.request.Redaction;
import io.spillway.core.fleet.GoNodeId;
import io.spillway.core.trace.TraceKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressInfo.RequestCase;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.livekit.ListEgressResponse;
import io.spillway.protocol.rpc.GetEgressRequest;
import io.spillway.protocol.rpc.UpdateMetricsRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.RpcServer.Context;
import io.spillway.store.Applied;
import io.spillway.store.DuplicateEgressException;
import io.spillway.store.EgressStore;
import io.spillway.store.NewEgress;
import io.spillway.store.StatusOrder;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoreException;
import io.spillway.store.StoredEgress;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Takes the nodes' reports in: the server of psrpc's IOInfo, as far as egresses go
 * (livekit-server's pkg/service/ioservice.go), with an order where LiveKit overwrites blindly.
 *
 * <p>A report that is old, repeated or backward is answered like one that was stored, and counted:
 * the node may stop repeating it. CreateEgress is different: a node waits for its answer before it
 * goes on, so one that comes for an egress which has ended, or which somebody newer has, is
 * refused. That is the fence that Go nodes understand: they abort the egress.
 */
public final class StatusService {
  private static final Logger LOG = LoggerFactory.getLogger(StatusService.class);

  private final EgressStore store;
  private final EgressLists lists;
  private final OrphanStopper orphans;
  private final Counter reports;
  private final Consumer<String> heard;
  private final UnaryOperator<String> regionOf;

  /** Stores into {@code store}; counts on {@code metrics}. */
  public StatusService(
      EgressStore store, EgressLists lists, OrphanStopper orphans, PrometheusRegistry metrics) {
    this(store, lists, orphans, metrics, node -> {}, node -> "");
  }

  /**
   * The same.
   *
   * @param heard told which node has reported, when a report was stored
   * @param regionOf a node's id tells where it runs; empty: unknown
   */
  public StatusService(
      EgressStore store,
      EgressLists lists,
      OrphanStopper orphans,
      PrometheusRegistry metrics,
      Consumer<String> heard,
      UnaryOperator<String> regionOf) {
    this.heard = heard;
    this.regionOf = regionOf;
    this.store = store;
    this.lists = lists;
    this.orphans = orphans;
    this.reports =
        Counter.builder()
            .name("spillway_status_reports")
            .help("Reports of nodes, by method and what became of them")
            .labelNames("method", "result")
            .register(metrics);
  }

  /** Serves IOInfo's egress methods on {@code server}, which stays the caller's. */
  public void serveOn(RpcServer server) {
    server.serve(EgressServices.CREATE_EGRESS, "", this::create);
    server.serve(EgressServices.UPDATE_EGRESS, "", this::update);
    server.serve(EgressServices.GET_EGRESS, "", this::get);
    server.serve(EgressServices.LIST_EGRESS, "", this::list);
    server.serve(EgressServices.UPDATE_METRICS, "", this::metrics);
  }

  private Empty create(EgressInfo info, Context context) {
    Report report = Report.of(info, context, regionOf).beginning();
    return traced(
        report,
        () -> {
          Applied applied = applyOrCreate(report);
          count("CreateEgress", applied);
          if (applied == Applied.OLD_EPOCH || applied == Applied.ALREADY_FINAL) {
            throw new RpcException(
                RpcCode.ABORTED,
                "egress %s must not go on under epoch %d: %s"
                    .formatted(
                        info.getEgressId(),
                        report.epoch(),
                        applied == Applied.OLD_EPOCH ? "another node has it" : "it has ended"));
          }
          return Empty.getDefaultInstance();
        });
  }

  private Empty update(EgressInfo info, Context context) {
    Report report = Report.of(info, context, regionOf);
    return traced(
        report,
        () -> {
          Eviction.fence(store, report.update());
          Applied applied = applyOrCreate(report);
          count("UpdateEgress", applied);
          LOG.atInfo()
              .addKeyValue("status", info.getStatus())
              .addKeyValue("result", applied)
              .log("egress reported");
          if (applied == Applied.ALREADY_FINAL && !StatusOrder.isFinal(info.getStatus())) {
            orphans.stop(info.getEgressId());
          }
          return Empty.getDefaultInstance();
        });
  }

  private Applied applyOrCreate(Report report) {
    Applied applied = store.apply(report.update());
    if (applied == Applied.ACCEPTED) {
      heard.accept(report.update().node());
    }
    if (applied != Applied.UNKNOWN_EGRESS) {
      return applied;
    }
    if (report.update().info().getRequestCase() == RequestCase.REQUEST_NOT_SET
        || report.update().info().getStartedAt() == 0) {
      count("UpdateEgress", Applied.UNKNOWN_EGRESS);
      throw new RpcException(
          RpcCode.NOT_FOUND,
          "egress "
              + report.update().info().getEgressId()
              + " is not stored, and this report"
              + " lacks the request or started_at, so it could not be stored either");
    }
    // Stored as STARTING first: then the report itself is an ordinary change, with its events.
    EgressInfo starting =
        report.update().info().toBuilder().setStatus(EgressStatus.EGRESS_STARTING).build();
    try {
      store.create(new NewEgress(starting, ByteString.EMPTY));
      LOG.atInfo().log("egress that another controller started is stored");
    } catch (DuplicateEgressException storedMeanwhile) {
      LOG.atDebug().log("egress was stored meanwhile");
    }
    return store.apply(report.update());
  }

  private EgressInfo get(GetEgressRequest request, Context context) {
    return answered(() -> {
      StoredEgress stored = lists.stored(request.getEgressId());
      // A node that asks whether it may go on learns of a fence before the next recorder reports.
      return stored.info().toBuilder().setRetryCount(stored.epoch() - 1).build();
    });
  }

  private ListEgressResponse list(ListEgressRequest request, Context context) {
    return answered(() -> lists.list(request));
  }

  private Empty metrics(UpdateMetricsRequest request, Context context) {
    LOG.atInfo()
        .addKeyValue(TraceKeys.LOG_EGRESS, request.getInfo().getEgressId())
        .addKeyValue("avg_cpu", request.getAvgCpuUsage())
        .addKeyValue("max_cpu", request.getMaxCpuUsage())
        .log("egress used CPU");
    return Empty.getDefaultInstance();
  }

  private void count(String method, Applied applied) {
    reports.labelValues(method, applied.name().toLowerCase(java.util.Locale.ROOT)).inc();
  }

  private static <T> T traced(Report report, Supplier<T> work) {
    Map<String, String> fields = report.logContext();
    fields.forEach(MDC::put);
    try {
      return answered(work);
    } finally {
      fields.keySet().forEach(MDC::remove);
    }
  }

  /** A store that fails is no defect of ours: the node is told to come again. */
  private static <T> T answered(Supplier<T> work) {
    try {
      return work.get();
    } catch (StoreException unreachable) {
      LOG.atError().setCause(unreachable).log("report not stored, its node has to repeat it");
      throw new RpcException(
          RpcCode.UNAVAILABLE,
          "the controller could not store or read: " + unreachable.getMessage(),
          unreachable);
    }
  }

  /** A report with what came beside it. */
  private record Report(StatusUpdate update, Map<String, String> logContext) {
    static Report of(EgressInfo reported, Context context, UnaryOperator<String> regionOf) {
      EgressInfo info = Redaction.of(reported);
      if (info.getEgressId().isEmpty() || info.getRetryCount() < 0) {
        throw new RpcException(
            RpcCode.INVALID_ARGUMENT,
            "report has missing or invalid field: "
                + (info.getEgressId().isEmpty() ? "egress_id" : "retry_count"));
      }
      Map<String, String> metadata = context.metadata();
      String given = metadata.getOrDefault(TraceKeys.META_NODE, "");
      String node = given.isEmpty() ? GoNodeId.ofClient(context.clientId()) : given;
      int epoch = info.getRetryCount() + 1;
      StatusUpdate update =
          new StatusUpdate(
              info,
              epoch,
              sequence(info, metadata),
              node,
              regionOf.apply(node),
              metadata.getOrDefault(TraceKeys.META_REASON, info.getDetails()));
      return new Report(
          update,
          Map.of(
              TraceKeys.LOG_REQUEST,
              metadata.getOrDefault(TraceKeys.META_REQUEST, context.requestId()),
              TraceKeys.LOG_EGRESS,
              info.getEgressId(),
              TraceKeys.LOG_EPOCH,
              Integer.toString(epoch),
              TraceKeys.LOG_NODE,
              node,
              TraceKeys.LOG_ROOM_SID,
              info.getRoomId()));
    }

    int epoch() {
      return update.epoch();
    }

    /** The same, of a node that waits for the answer before it begins. */
    Report beginning() {
      return new Report(update.beginning(), logContext);
    }

    /** Go nodes send no sequence; their updated_at rises with each report. */
    private static long sequence(EgressInfo info, Map<String, String> metadata) {
      String given = metadata.getOrDefault(TraceKeys.META_SEQUENCE, "");
      try {
        return Math.max(1, given.isEmpty() ? info.getUpdatedAt() : Long.parseLong(given));
      } catch (NumberFormatException notANumber) {
        throw new RpcException(
            RpcCode.INVALID_ARGUMENT,
            "metadata " + TraceKeys.META_SEQUENCE + " is no number: " + given,
            notANumber);
      }
    }
  }
}
