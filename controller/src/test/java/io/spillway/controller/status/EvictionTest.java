package io.spillway.controller.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.core.egress.Failure;
import io.spillway.core.time.SystemTime;
import io.spillway.core.trace.TraceKeys;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.store.ControllerStore;
import io.spillway.store.NewEgress;
import io.spillway.store.StoredEgress;
import io.spillway.store.sql.EgressStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recorder that another one evicted from the room reports its end. */
final class EvictionTest {
  @TempDir private Path folder;
  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final MemoryBus bus = new MemoryBus(metrics);
  private ControllerStore store;
  private RpcServer server;
  private RpcClient io;
  private long sequence;

  @BeforeEach
  void open() {
    store = EgressStores.sqlite(folder, time);
    server =
        new PsrpcServer(
            bus, EgressServices.IO_INFO, "CO_1", time, ServerLimits.defaults(), metrics);
    io =
        new PsrpcClient(
            bus, EgressServices.IO_INFO, time, new Random(3), ClientLimits.defaults(), metrics);
    new StatusService(
            store, new EgressLists(store), new OrphanStopper(io, _ -> {}), new PrometheusRegistry())
        .serveOn(server);
    store.create(
        new NewEgress(info(EgressStatus.EGRESS_STARTING, 1), ByteString.copyFromUtf8("s")));
    report(info(EgressStatus.EGRESS_ACTIVE, 1), "NE_a");
  }

  @AfterEach
  void close() {
    io.close();
    server.close();
    store.close();
    bus.close();
    time.close();
  }

  private static EgressInfo info(EgressStatus status, int epoch) {
    return EgressInfo.newBuilder()
        .setEgressId("EG_1")
        .setRoomName("studio")
        .setStatus(status)
        .setRetryCount(epoch - 1)
        .build();
  }

  private static EgressInfo evicted(int epoch, String file) {
    return info(EgressStatus.EGRESS_FAILED, epoch).toBuilder()
        .setError(Failure.evicted().text())
        .setErrorCode(Failure.evicted().code())
        .addFileResults(FileInfo.newBuilder().setLocation(file).setSize(7))
        .build();
  }

  private void report(EgressInfo info, String node) {
    CallOptions options =
        CallOptions.within(Duration.ofSeconds(30))
            .withMetadata(
                Map.of(
                    TraceKeys.META_SEQUENCE, Long.toString(++sequence), TraceKeys.META_NODE, node));
    var _ = io.call(EgressServices.UPDATE_EGRESS, "", info, options);
  }

  private StoredEgress row() {
    return store.find("EG_1").orElseThrow();
  }

  private EgressStatus status() {
    return row().info().getStatus();
  }

  @Test
  void anEarlierRecorderThatTheNextOneEvictedEndsItsPartOnly() {
    assertThat(store.fenceFrom("EG_1", 1, "CO_1", "node lost")).contains(2);
    report(evicted(1, "/a.ogg"), "NE_a"); // before the next recorder's own report, even
    assertThat(status()).isEqualTo(EgressStatus.EGRESS_ACTIVE);
    assertThat(row().epoch()).isEqualTo(2);
    assertThat(row().dispatcher()).as("is still looking for a node").isEqualTo("CO_1");
    report(info(EgressStatus.EGRESS_ACTIVE, 2), "NE_b");
    report(info(EgressStatus.EGRESS_COMPLETE, 2), "NE_b");
    assertThat(status()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(files()).containsExactly("/a.ogg");
  }

  @Test
  void theNewestRecorderThatAnEarlierOneEvictedIsFollowedByAnother() {
    assertThat(store.fenceFrom("EG_1", 1, "CO_1", "node lost")).contains(2);
    report(info(EgressStatus.EGRESS_ACTIVE, 2), "NE_b");
    report(evicted(2, "/b.ogg"), "NE_b");
    assertThat(status()).isEqualTo(EgressStatus.EGRESS_ACTIVE);
    assertThat(row().epoch()).as("both recorders are of the past").isEqualTo(3);
    assertThat(row().node()).as("as after a node's loss: the sweep finds it").isEmpty();
    assertThat(row().sealedRequest()).isNotEmpty();
    report(evicted(2, "/b.ogg"), "NE_b"); // its answer was lost
    assertThat(row().epoch()).isEqualTo(3);
    report(info(EgressStatus.EGRESS_COMPLETE, 3), "NE_c");
    assertThat(status()).isEqualTo(EgressStatus.EGRESS_COMPLETE);
    assertThat(files()).containsExactly("/b.ogg");
  }

  @Test
  void anEvictionThatNoRecorderOfOursCanHaveCausedEndsTheEgress() {
    report(evicted(1, "/a.ogg"), "NE_a");
    assertThat(status()).isEqualTo(EgressStatus.EGRESS_FAILED);
    assertThat(row().epoch()).isEqualTo(1);
  }

  @Test
  void anotherFailureOfTheNewestRecorderEndsTheEgress() {
    assertThat(store.fenceFrom("EG_1", 1, "CO_1", "node lost")).contains(2);
    EgressInfo removed =
        evicted(2, "/b.ogg").toBuilder().setError(Failure.removed().text()).build();
    report(removed, "NE_b");
    assertThat(status()).isEqualTo(EgressStatus.EGRESS_FAILED);
  }

  private List<String> files() {
    return row().info().getFileResultsList().stream().map(FileInfo::getLocation).toList();
  }
}
