package io.spillway.controller.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.spillway.controller.fleet.FleetBook;
import io.spillway.controller.fleet.FleetSettings;
import io.spillway.controller.gonode.GoBook;
import io.spillway.controller.gonode.GoNodes;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.rpc.retry.RetryBudget;
import io.spillway.store.ControllerStore;
import io.spillway.store.NewEgress;
import io.spillway.store.sql.EgressStores;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A controller's calls that nobody hears are made again only as often as its one budget allows. */
final class SharedRetriesTest {
  private final SimulatedTime time = new SimulatedTime();
  private final AtomicInteger calls = new AtomicInteger();
  private final RpcClient silentFleet = new Silent();

  @TempDir private Path folder;

  private final class Silent implements RpcClient {
    @Override
    public <Q extends Message, R extends Message> R call(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      calls.incrementAndGet();
      throw new RpcException(RpcCode.UNAVAILABLE, "no response from servers");
    }

    @Override
    public <Q extends Message, R extends Message> List<R> callAll(
        RpcMethod<Q, R> method, String topic, Q request, CallOptions options) {
      return List.of();
    }

    @Override
    public void close() {}
  }

  private int callsOf(Runnable attempt) {
    calls.set(0);
    var _ = catchThrowableOfType(RpcException.class, attempt::run);
    return calls.get();
  }

  @Test
  void startsAndStopsDrawOnOneBudgetAndAreMadeOnceWhenItIsSpent() {
    RetryBudget budget = new RetryBudget(0, 0, 4, time);
    try (ControllerStore store = EgressStores.sqlite(folder, time)) {
      store.create(
          new NewEgress(
              EgressInfo.newBuilder()
                  .setEgressId("EG_1")
                  .setStatus(EgressStatus.EGRESS_ACTIVE)
                  .build(),
              ByteString.EMPTY));
      ClusterDispatcher starts =
          new ClusterDispatcher(
              silentFleet,
              new GoBook(GoNodes.ALWAYS, time),
              new FleetBook(FleetSettings.of("CT_1"), time, new Random(1)),
              store,
              "",
              budget,
              time);
      StopFlow stops =
          new StopFlow(store, silentFleet, DispatchSettings.of(URI.create("ws://host")), budget);
      Runnable start =
          () ->
              starts.dispatch(
                  StartEgressRequest.getDefaultInstance(),
                  Trace.begin("REQ"),
                  Deadline.in(time, Duration.ofSeconds(10)));
      Runnable stop = () -> stops.stop("EG_1", Trace.begin("REQ"));

      assertThat(callsOf(start)).isEqualTo(2);
      assertThat(callsOf(stop)).isEqualTo(3);
      assertThat(callsOf(stop)).as("one token was left").isEqualTo(2);
      assertThat(callsOf(stop)).isEqualTo(1);
      assertThat(callsOf(start)).isEqualTo(1);
    }
  }
}
