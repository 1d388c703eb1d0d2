package io.spillway.rpc.bus;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import io.spillway.core.time.SystemTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.RedisSettings.Tls;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Redis over TLS. */
@Timeout(120)
class RedisTlsTest {
  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private volatile String lastFailure = "";
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    time.close();
  }

  private <T extends AutoCloseable> T closing(T resource) {
    open.add(resource);
    return resource;
  }

  private RedisBus bus(RedisSettings settings) throws Exception {
    RedisBus bus =
        closing(new RedisBus(settings, BusLimits.defaults(), time, new Random(), metrics));
    assertThat(bus.awaitConnected(Duration.ofSeconds(10))).isTrue();
    return bus;
  }

  private PsrpcClient pair(RedisSettings settings) throws Exception {
    closing(new PsrpcServer(bus(settings), "IOInfo", "S", time, ServerLimits.defaults(), metrics))
        .serve(EgressServices.UPDATE_EGRESS, "", (info, context) -> Empty.getDefaultInstance());
    return closing(
        new PsrpcClient(
            bus(settings), "IOInfo", time, new Random(), ClientLimits.defaults(), metrics));
  }

  private boolean works(PsrpcClient client) {
    try {
      Empty _ =
          client.call(
              EgressServices.UPDATE_EGRESS,
              "",
              EgressInfo.newBuilder().setEgressId("EG_" + time.nanos()).build(),
              CallOptions.within(Duration.ofMillis(800)));
      return true;
    } catch (RpcException failure) {
      lastFailure = failure.toString();
      return false;
    }
  }

  private void workAll(PsrpcClient client, int calls) {
    for (int i = 0; i < calls; i++) {
      boolean worked = works(client);
      assertThat(worked).as("call %d: %s", i, lastFailure).isTrue();
    }
  }

  @Test
  void overTlsWithItsOwnAuthorityAndAClientCertificate(@TempDir Path folder) throws Exception {
    Path key = folder.resolve("key.pem");
    Path certificate = folder.resolve("cert.pem");
    run(
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=redis.test",
        "-addext",
        "subjectAltName=DNS:redis.test",
        "-keyout",
        key.toString(),
        "-out",
        certificate.toString());
    int port = RedisServer.freePort();
    var _ =
        closing(
            RedisServer.start(
                "--tls-port",
                "" + port,
                "--tls-cert-file",
                certificate.toString(),
                "--tls-key-file",
                key.toString(),
                "--tls-ca-cert-file",
                certificate.toString()));
    RedisSettings plain = RedisSettings.plain("127.0.0.1:" + port);
    String file = certificate.toString();
    RedisSettings right = plain.over(new Tls(true, false, "redis.test", file, file, "" + key));
    workAll(pair(right), 20);
    RedisSettings wrongName = plain.over(new Tls(true, false, "other.test", file, file, "" + key));
    RedisBus refused =
        closing(new RedisBus(wrongName, BusLimits.defaults(), time, new Random(), metrics));
    assertThat(refused.awaitConnected(Duration.ofSeconds(1))).isFalse();
    workAll(pair(plain.over(new Tls(true, true, "", "", file, "" + key))), 5);
  }

  private static void run(String... command) throws Exception {
    Path log = Files.createTempFile("run", ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    Files.delete(log);
  }
}
