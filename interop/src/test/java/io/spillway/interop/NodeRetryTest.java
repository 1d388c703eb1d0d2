package io.spillway.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.config.NodeConfig;
import io.spillway.app.config.NodeFile;
import io.spillway.app.node.NodeHalf;
import io.spillway.app.process.MetricsText;
import io.spillway.app.process.Shared;
import io.spillway.core.time.SystemTime;
import io.spillway.interop.fixture.LateFirstAnswer;
import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.NodeProcess;
import io.spillway.interop.fixture.NodeStage;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.SignalProxy;
import io.spillway.node.RpcConduct;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** livekit-server asks again when it hears no answer within ten seconds. */
class NodeRetryTest {
  @TempDir Path folder;

  @Test
  void aRepeatedStartWithTheSameIdMakesOneRecording() throws Exception {
    try (NodeStage stage = NodeStage.set(folder);
        SystemTime time = new SystemTime()) {
      SecureRandom random = new SecureRandom();
      RpcMetrics rpc = new RpcMetrics();
      NodeConfig config = config(stage);
      try (RedisBus redis = new RedisBus(config.redis(), BusLimits.defaults(), time, random, rpc);
          LateFirstAnswer.Count count = new LateFirstAnswer.Count();
          LateFirstAnswer bus = new LateFirstAnswer(redis, time, count);
          NodeHalf half =
              new NodeHalf(
                  config.recorder(),
                  RpcConduct.underLiveKit(true),
                  LiveKitServer.KEY,
                  new Shared<>(bus, rpc, new MetricsText(), time, random));
          SignalProxy link = new SignalProxy(stage.redis())) {
        NodeProcess other = stage.nodeBy(link.address());
        assertThat(redis.awaitConnected(Duration.ofSeconds(5))).isTrue();
        half.node().start();
        Awaitility.await().until(() -> half.node().refusal().isEmpty());
        try (RustPublisher publisher = stage.publisher("room", "rust")) {
          String track = publisher.publishAudio();
          cutOff(link, other);
          AtomicInteger answersWhenReady = new AtomicInteger();
          Thread late =
              Thread.ofVirtual()
                  .start(() -> {
                    Awaitility.await().until(() -> count.answers() == 1);
                    link.refuse(false);
                    other.awaitReady();
                    answersWhenReady.set(count.answers());
                  });
          String id = stage.ask("room", track).getEgressId();
          late.join();
          assertThat(answersWhenReady)
              .as("answers when the second node was ready: it was before the repetition")
              .hasValue(1);
          stage.await(id, EgressStatus.EGRESS_ACTIVE);

          assertThat(count.answers()).as("answers to StartEgress").isEqualTo(2);
          assertThat(half.node().progress()).containsOnlyKeys(id);
          assertThat(other.metric("livekit_egress_requests")).isZero();
          try (Stream<Path> files = Files.walk(stage.recordings())) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(1);
          }
          stage.client().stop(id);
          stage.await(id, EgressStatus.EGRESS_COMPLETE);
          assertThat(stage.webhooks().awaitEnd(id))
              .filteredOn(line -> line.startsWith("egress_started"))
              .hasSize(1);
        }
      }
    }
  }

  /**
   * It runs, and hears nothing of the first request: to start it only then would take some machines
   * longer than livekit-server waits.
   */
  private static void cutOff(SignalProxy link, NodeProcess node) {
    link.refuse(true);
    link.cut();
    Awaitility.await("the second node knows that it is cut off")
        .atMost(Duration.ofSeconds(30))
        .until(() -> node.health("/readyz").statusCode() == 503);
  }

  private NodeConfig config(NodeStage stage) {
    String yaml =
        """
        redis: {address: %s}
        ws_url: %s
        data: %s
        cpu_cost: {max_cpu_utilization: 1}
        """
            .formatted(stage.redis().address(), stage.server().url(), folder.resolve("held"));
    return NodeFile.read("test", yaml, Map.of(), Map.of()).config();
  }
}
