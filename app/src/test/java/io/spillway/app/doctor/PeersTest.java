package io.spillway.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.doctor.Finding.Verdict;
import io.spillway.core.time.SimulatedTime;
import io.spillway.core.time.SystemTime;
import io.spillway.protocol.livekit.ListEgressResponse;
import io.spillway.protocol.rpc.ListActiveEgressResponse;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.rpc.bus.MemoryFaults;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PeersTest {
  private final SystemTime time = new SystemTime();
  private final MemoryBus bus =
      new MemoryBus(Runnable::run, BusLimits.defaults(), MemoryFaults.none(), new RpcMetrics());

  private final List<PsrpcServer> servers = new ArrayList<>();

  @AfterEach
  void close() {
    servers.forEach(PsrpcServer::close);
    bus.close();
    time.close();
  }

  /** A server on a machine whose clock is so far from ours. */
  private PsrpcServer server(String service, String id, Duration ahead) {
    SimulatedTime its = new SimulatedTime();
    its.skewWallClock(Duration.ofNanos(time.unixNanos() - its.unixNanos()).plus(ahead));
    PsrpcServer server =
        new PsrpcServer(bus, service, id, its, ServerLimits.defaults(), new RpcMetrics());
    servers.add(server);
    return server;
  }

  private void statusKeeper(Duration ahead) {
    PsrpcServer server = server(EgressServices.IO_INFO, "ND_1", ahead);
    var _ =
        server.serve(
            EgressServices.LIST_EGRESS,
            "",
            (request, context) -> ListEgressResponse.getDefaultInstance());
  }

  private void node(String id, Duration ahead) {
    PsrpcServer server = server(EgressServices.EGRESS_INTERNAL, id, ahead);
    var _ =
        server.serve(
            EgressServices.LIST_ACTIVE_EGRESS,
            "west",
            (request, context) ->
                ListActiveEgressResponse.newBuilder().addEgressIds("EG_" + id).build());
  }

  private Function<String, Finding> findings() {
    List<Finding> findings =
        new Peers(bus, "west", time, new Random(1), new RpcMetrics()).examine();
    return what ->
        findings.stream().filter(each -> each.what().equals(what)).findFirst().orElseThrow();
  }

  @Test
  void whoeverAnswersIsCountedAndWhoseClockIsWrongIsNamed() {
    statusKeeper(Duration.ofSeconds(-1));
    node("NE_1", Duration.ZERO);
    node("NE_2", Duration.ofSeconds(30));
    Function<String, Finding> found = findings();
    assertThat(found.apply("statuses").verdict()).isEqualTo(Verdict.OK);
    assertThat(found.apply("nodes").found()).isEqualTo("2 answer, with 2 recordings");
    assertThat(found.apply("clocks on Redis").verdict()).isEqualTo(Verdict.WARN);
    assertThat(found.apply("clocks on Redis").found())
        .matches("NE_2 is ahead by (30\\.0|29\\.[5-9]) s \\(1 of 3\\)");
  }

  @Test
  void clocksThatAgreeAreGood() {
    statusKeeper(Duration.ofSeconds(-1));
    node("NE_1", Duration.ofSeconds(1));
    assertThat(findings().apply("clocks on Redis"))
        .isEqualTo(Finding.ok("clocks on Redis", "2 compared, within 2 s of ours"));
  }

  @Test
  void aRedisOnWhichNobodyKeepsStatusesIsNoPlaceForANode() {
    Function<String, Finding> found = findings();
    assertThat(found.apply("statuses").verdict()).isEqualTo(Verdict.FAIL);
    assertThat(found.apply("nodes").found()).isEqualTo("0 answer, with 0 recordings");
  }
}
