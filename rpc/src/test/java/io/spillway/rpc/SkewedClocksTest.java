package io.spillway.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.rpc.bus.MemoryFaults;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Client and server on machines whose wall clocks are far apart. */
@Timeout(30)
class SkewedClocksTest {
  private final SimulatedTime clientTime = new SimulatedTime();
  private final SimulatedTime serverTime = new SimulatedTime();
  private final RpcMetrics clientMetrics = new RpcMetrics();
  private final RpcMetrics serverMetrics = new RpcMetrics();

  @ParameterizedTest
  @ValueSource(longs = {-30, 30, -3600, 3600})
  void requestsRunAndBothSidesSeeTheSkew(long seconds) {
    serverTime.skewWallClock(Duration.ofSeconds(seconds));
    try (MemoryBus bus =
            new MemoryBus(
                Runnable::run, BusLimits.defaults(), MemoryFaults.none(), new RpcMetrics());
        PsrpcServer server =
            new PsrpcServer(
                bus,
                EgressServices.IO_INFO,
                "S",
                serverTime,
                ServerLimits.defaults(),
                serverMetrics);
        PsrpcClient client =
            new PsrpcClient(
                bus,
                EgressServices.IO_INFO,
                clientTime,
                new Random(1),
                ClientLimits.defaults(),
                clientMetrics)) {
      var _ =
          server.serve(
              EgressServices.UPDATE_EGRESS,
              "",
              (info, context) -> {
                assertThat(context.remaining()).isEqualTo(Duration.ofSeconds(3));
                return Empty.getDefaultInstance();
              });
      Empty _ =
          client.call(
              EgressServices.UPDATE_EGRESS,
              "",
              EgressInfo.getDefaultInstance(),
              CallOptions.within(Duration.ofSeconds(3)));
    }
    assertThat(serverMetrics.drops(DropReason.EXPIRED)).isZero();
    assertThat(serverMetrics.skew().worst().orElseThrow().behind())
        .isEqualTo(Duration.ofSeconds(seconds));
    assertThat(clientMetrics.skew().worst().orElseThrow().behind())
        .isEqualTo(Duration.ofSeconds(-seconds));
    assertThat(serverMetrics.skew().complaint(Duration.ofSeconds(2))).isPresent();
  }
}
