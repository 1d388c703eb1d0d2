package io.spillway.app.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.spillway.app.config.ConfigFile;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.app.doctor.Finding.Verdict;
import io.spillway.core.time.SystemTime;
import io.spillway.core.time.TimeSource;
import io.spillway.rpc.bus.RedisSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoctorTest {
  @TempDir Path folder;

  private SpillwayConfig config(String url) {
    Map<String, String> flags =
        Map.of(
            "ws_url",
            url,
            "api_key",
            "key",
            "api_secret",
            "a secret that is long enough for HS256",
            "data",
            folder.resolve("not/there/yet").toString());
    return ConfigFile.read("test", "", Map.of(), flags).config();
  }

  private List<Finding> examine(String url) throws Exception {
    try (SystemTime time = new SystemTime()) {
      return doctor(config(url), time, folder).examine();
    }
  }

  private static Doctor doctor(SpillwayConfig config, TimeSource time, Path proc) {
    return new Doctor(config, Optional.empty(), time, new Random(1), proc);
  }

  private static Finding named(List<Finding> findings, String what) {
    return findings.stream().filter(f -> f.what().equals(what)).findFirst().orElseThrow();
  }

  private void proc(String file, String text) throws Exception {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @Test
  void whatTheKernelTellsIsJudged() throws Exception {
    proc("self/limits", "Limit   Soft  Hard  Units\nMax open files   1024   4096   files\n");
    proc("sys/net/core/rmem_max", "212992\n");
    proc("sys/net/ipv4/ip_local_port_range", "40000\t40100\n");

    List<Finding> findings = examine("ws://127.0.0.1:1");

    assertThat(named(findings, "open files").verdict()).isEqualTo(Verdict.WARN);
    assertThat(named(findings, "UDP buffers").verdict()).isEqualTo(Verdict.WARN);
    assertThat(named(findings, "UDP ports").found()).startsWith("40000-40100");
    assertThat(named(findings, "LiveKit server").verdict()).isEqualTo(Verdict.FAIL);
  }

  @Test
  void theRealKernelsFilesAreReadWhole() throws Exception {
    List<Finding> findings;
    try (SystemTime time = new SystemTime()) {
      findings = doctor(config("ws://127.0.0.1:1"), time, Path.of("/proc")).examine();
    }

    // Read byte by byte, these would be one digit.
    assertThat(named(findings, "UDP ports").found()).matches("[0-9]{4,5}-[0-9]{4,5} .*");
    assertThat(named(findings, "UDP buffers").found()).matches("net.core.rmem_max [0-9]{4,}.*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "32768", "a b", "1 2 3"})
  void aKernelThatTellsNothingOfUseIsNoReasonToFail(String range) throws Exception {
    proc("sys/net/ipv4/ip_local_port_range", range);

    assertThat(named(examine("ws://127.0.0.1:1"), "UDP ports").found()).startsWith("32768-60999");
  }

  @Test
  void aRedisThatIsAwayFails() throws Exception {
    try (SystemTime time = new SystemTime()) {
      List<Finding> findings =
          new Doctor(
                  config("ws://127.0.0.1:1"),
                  Optional.of(RedisSettings.plain("127.0.0.1:1")),
                  time,
                  new Random(1),
                  folder)
              .examine();
      assertThat(named(findings, "Redis").verdict()).isEqualTo(Verdict.FAIL);
      assertThat(named(findings, "Redis").found()).isEqualTo("127.0.0.1:1 does not answer");
    }
  }

  @Test
  void aServerThatTakesOurKeyIsGoodAndItsClockIsCompared() throws Exception {
    ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().getPath());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    try {
      List<Finding> findings = examine("ws://127.0.0.1:" + server.getAddress().getPort());

      assertThat(named(findings, "LiveKit server").verdict()).isEqualTo(Verdict.OK);
      assertThat(named(findings, "clock").verdict()).isEqualTo(Verdict.OK);
      assertThat(asked).containsExactly("/twirp/livekit.RoomService/ListRooms");
    } finally {
      server.stop(0);
    }
  }
}
