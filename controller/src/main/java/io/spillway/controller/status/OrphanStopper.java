package io.spillway.controller.status;

import io.spillway.protocol.livekit.StopEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops recorders that nobody waits for: a node that reports an egress as running which the store
 * has as ended (a start whose answer was lost, for example) would record to no end. Thread-safe;
 * the stops run beside, few at a time, and one too many is left to the node's next report.
 */
public final class OrphanStopper {
  private static final int MOST_AT_ONCE = 16;
  private static final Duration WAIT = Duration.ofSeconds(3);
  private static final Logger LOG = LoggerFactory.getLogger(OrphanStopper.class);

  private final RpcClient nodes;
  private final Executor executor;
  private final Semaphore free = new Semaphore(MOST_AT_ONCE);

  /** Calls over {@code nodes}, a client of {@link EgressServices#EGRESS_HANDLER}. */
  public OrphanStopper(RpcClient nodes) {
    this(nodes, stop -> Thread.ofVirtual().name("stop-orphan").start(stop));
  }

  /** The same; each stop runs on {@code executor} and may block there. */
  public OrphanStopper(RpcClient nodes, Executor executor) {
    this.nodes = nodes;
    this.executor = executor;
  }

  /** Tells whoever has the egress to stop; returns at once. */
  public void stop(String egressId) {
    if (!free.tryAcquire()) {
      return;
    }
    executor.execute(() -> stopNow(egressId));
  }

  private void stopNow(String egressId) {
    try {
      StopEgressRequest request = StopEgressRequest.newBuilder().setEgressId(egressId).build();
      var info =
          nodes.call(EgressServices.STOP_EGRESS, egressId, request, CallOptions.within(WAIT));
      LOG.atWarn()
          .addKeyValue("egress", egressId)
          .addKeyValue("status", info.getStatus())
          .log("recorder of an ended egress told to stop");
    } catch (RpcException gone) {
      // Most often the report was only late and nobody records: there is nothing to stop.
      LOG.atDebug().addKeyValue("egress", egressId).log("no recorder of the ended egress answers");
    } finally {
      free.release();
    }
  }
}
