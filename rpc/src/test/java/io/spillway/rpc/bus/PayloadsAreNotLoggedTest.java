package io.spillway.rpc.bus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import com.google.protobuf.Empty;
import io.spillway.core.time.SystemTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.psrpc.Request;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Requests carry keys of storages and stream keys: no log line of ours may show one. */
@Timeout(60)
class PayloadsAreNotLoggedTest {
  private static final String SECRET = "s3cr3t-of-a-user";

  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();

  @Test
  void noSecretOfARequestOrOfRedisIsInAnyLogLineOfOurs() throws Exception {
    Logger ours = (Logger) LoggerFactory.getLogger("io.spillway");
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    lines.start();
    ours.addAppender(lines);
    Level before = ours.getLevel();
    ours.setLevel(Level.TRACE);
    try (RedisServer redis = RedisServer.start("--requirepass", SECRET)) {
      RedisSettings settings = RedisSettings.plain(redis.address()).as("", SECRET);
      try (RedisBus bus =
          new RedisBus(settings, BusLimits.defaults(), time, new Random(), metrics)) {
        assertThat(bus.awaitConnected(Duration.ofSeconds(10))).isTrue();
        callInAllWaysThatGoWrong(bus);
        redis.stop();
        callInAllWaysThatGoWrong(bus);
      }
    } finally {
      ours.detachAppender(lines);
      ours.setLevel(before);
      time.close();
    }
    List<String> said = List.copyOf(lines.list).stream().map(this::whole).toList();
    assertThat(said).anyMatch(line -> line.contains("a handler failed"));
    assertThat(said).anyMatch(line -> line.contains("connected to Redis"));
    assertThat(said).noneMatch(line -> line.contains(SECRET));
  }

  private String whole(ILoggingEvent line) {
    String trace =
        line.getThrowableProxy() == null
            ? ""
            : ThrowableProxyUtil.asString(line.getThrowableProxy());
    return line.getFormattedMessage() + line.getKeyValuePairs() + trace;
  }

  /** Good, failing in the handler, not readable, not answered. */
  private void callInAllWaysThatGoWrong(RedisBus bus) {
    try (PsrpcServer server =
            new PsrpcServer(
                bus, EgressServices.IO_INFO, "S", time, ServerLimits.defaults(), metrics);
        PsrpcClient client =
            new PsrpcClient(
                bus,
                EgressServices.IO_INFO,
                time,
                new Random(),
                ClientLimits.defaults(),
                metrics)) {
      var _ =
          server.serve(
              EgressServices.UPDATE_EGRESS,
              "",
              (info, context) -> {
                if (info.getRoomName().isEmpty()) {
                  throw new IllegalStateException("a defect");
                }
                return Empty.getDefaultInstance();
              });
      EgressInfo info = EgressInfo.newBuilder().setError(SECRET).setRoomName("r").build();
      var _ = attempt(client, info);
      var _ = attempt(client, info.toBuilder().clearRoomName().build());
      byte[] broken =
          Envelope.REQUEST.encode(
              Request.newBuilder()
                  .setRequestId("REQ_broken")
                  .setClientId(client.clientId())
                  .setSentAt(time.unixNanos())
                  .setExpiry(time.unixNanos() + 1_000_000_000L)
                  .setRawRequest(info.toByteString().concat(info.toByteString().substring(0, 3)))
                  .build());
      bus.publish(Channels.request(EgressServices.IO_INFO, "UpdateEgress", ""), broken);
      bus.publish(
          Channels.request(EgressServices.IO_INFO, "UpdateEgress", ""), SECRET.getBytes(UTF_8));
      for (int i = 0; i < 6; i++) {
        var _ =
            catchThrowableOfType(
                RpcException.class,
                () ->
                    client.call(
                        EgressServices.CREATE_EGRESS,
                        "nobody",
                        info,
                        CallOptions.within(Duration.ofMillis(50))));
      }
    }
  }

  private static RpcException attempt(PsrpcClient client, EgressInfo info) {
    return catchThrowableOfType(
        RpcException.class,
        () ->
            client.call(
                EgressServices.UPDATE_EGRESS,
                "",
                info,
                CallOptions.within(Duration.ofMillis(500))));
  }
}
