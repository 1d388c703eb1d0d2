package io.spillway.app.doctor;

import io.spillway.app.config.SpillwayConfig;
import io.spillway.core.http.WholeExchange;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKey;
import io.spillway.core.token.TokenSigner;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.rpc.bus.RedisSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks at the machine, the server and its Redis, once. Blocking: some seconds when the server is
 * silent.
 */
public final class Doctor {
  private static final Duration WAIT = Duration.ofSeconds(5);
  private static final int PROC_FILE_MAX = 8192;
  private static final Pattern TWO_NUMBERS = Pattern.compile("\\s*(\\d{1,5})\\s+(\\d{1,5})\\s*");

  /** The kernel's own default, where a sandbox doesn't tell. */
  private static final int KERNEL_LOWEST = 32_768;

  private static final int KERNEL_HIGHEST = 60_999;

  private final SpillwayConfig config;
  private final Optional<RedisSettings> redis;
  private final TimeSource time;
  private final RandomGenerator random;
  private final Path proc;

  /**
   * A doctor for this configuration.
   *
   * @param redis on which nodes, and a livekit-server or controllers, meet; empty: there is none
   * @param random for ids on it
   * @param proc {@code /proc}
   */
  public Doctor(
      SpillwayConfig config,
      Optional<RedisSettings> redis,
      TimeSource time,
      RandomGenerator random,
      Path proc) {
    this.config = config;
    this.redis = redis;
    this.time = time;
    this.random = random;
    this.proc = proc;
  }

  /** All findings, the machine's first. */
  public List<Finding> examine() throws InterruptedException {
    List<Finding> out = new ArrayList<>();
    openFiles().ifPresent(out::add);
    receiveBuffer().ifPresent(out::add);
    out.add(ports());
    out.add(disk());
    out.addAll(server());
    if (redis.isPresent()) {
      out.addAll(peers(redis.get()));
    }
    return out;
  }

  private List<Finding> peers(RedisSettings settings) throws InterruptedException {
    RpcMetrics metrics = new RpcMetrics();
    try (RedisBus bus = new RedisBus(settings, BusLimits.defaults(), time, random, metrics)) {
      if (!bus.awaitConnected(WAIT)) {
        return List.of(
            Finding.fail(
                "Redis",
                settings.where() + " does not answer",
                "is it running, are address, user, password and TLS right?"));
      }
      List<Finding> out = new ArrayList<>();
      out.add(Finding.ok("Redis", settings.where() + " carries our messages both ways"));
      out.addAll(new Peers(bus, config.clusterId(), time, random, metrics).examine());
      return out;
    }
  }

  private Optional<Finding> openFiles() {
    return read(proc.resolve("self/limits"))
        .flatMap(text ->
            text.lines()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.replaceAll("\\s+", " ").replace("Max open files ", ""))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .map(soft -> soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft))
                .findFirst())
        .map(Judgments::openFiles);
  }

  private Optional<Finding> receiveBuffer() {
    return read(proc.resolve("sys/net/core/rmem_max"))
        .map(String::trim)
        .filter(text -> text.matches("[0-9]{1,18}"))
        .map(text ->
            Judgments.receiveBuffer(
                Long.parseLong(text), config.network().udpReceiveBufferBytes()));
  }

  private Finding ports() {
    int lowest = config.network().udpPortMin();
    int highest = config.network().udpPortMax();
    boolean configured = highest > 0;
    if (!configured) {
      Matcher range =
          TWO_NUMBERS.matcher(read(proc.resolve("sys/net/ipv4/ip_local_port_range")).orElse(""));
      boolean told = range.matches();
      lowest = told ? Integer.parseInt(range.group(1)) : KERNEL_LOWEST;
      highest = told ? Integer.parseInt(range.group(2)) : KERNEL_HIGHEST;
    }
    return Judgments.ports(lowest, highest, configured, bindable(configured, lowest, highest));
  }

  private static boolean bindable(boolean configured, int lowest, int highest) {
    int tries = configured ? Math.min(64, highest - lowest + 1) : 1;
    for (int i = 0; i < tries; i++) {
      try (DatagramSocket socket =
          new DatagramSocket(new InetSocketAddress(configured ? lowest + i : 0))) {
        return socket.isBound();
      } catch (SocketException taken) {
        // The next one may be free.
      }
    }
    return false;
  }

  private Finding disk() {
    Path folder = config.dataDir().toAbsolutePath().normalize();
    Path existing = folder;
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    long free = 0;
    boolean writable = Files.isWritable(existing) && Files.isDirectory(existing);
    try {
      free = Files.getFileStore(existing).getUsableSpace();
    } catch (IOException unknown) {
      writable = false;
    }
    return Judgments.disk(folder.toString(), writable, free, config.recording().minFreeDiskBytes());
  }

  private List<Finding> server() throws InterruptedException {
    String url = config.livekitUrl();
    if (url.isEmpty()) {
      return List.of(
          Finding.fail("LiveKit server", "no address given", "set LIVEKIT_URL or --livekit-url"));
    }
    ApiKey key = config.signingKey().orElse(null);
    if (key == null) {
      return List.of(
          Finding.fail(
              "LiveKit server", "no API key given", "set LIVEKIT_API_KEY and LIVEKIT_API_SECRET"));
    }
    // ws and http name the same server; its API speaks HTTP, below the same base path.
    URI rooms =
        URI.create(
            url.replaceFirst("^ws", "http").replaceFirst("/*$", "")
                + "/twirp/livekit.RoomService/ListRooms");
    HttpRequest request =
        HttpRequest.newBuilder(rooms)
            .header("Authorization", "Bearer " + new TokenSigner(key, time).listRooms())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    try (HttpClient http = HttpClient.newBuilder().connectTimeout(WAIT).build()) {
      HttpResponse<Void> answer =
          WholeExchange.send(http, request, HttpResponse.BodyHandlers.discarding(), WAIT);
      List<Finding> out = new ArrayList<>();
      out.add(Judgments.livekitAnswer(url, answer.statusCode()));
      answer
          .headers()
          .firstValue("Date")
          .flatMap(this::skew)
          .map(Judgments::clock)
          .ifPresent(out::add);
      return out;
    } catch (IOException silent) {
      return List.of(
          Finding.fail(
              "LiveKit server",
              url + " does not answer (" + silent.getClass().getSimpleName() + ")",
              "is it running, and is the port open?"));
    }
  }

  // The Date header has whole seconds: half a second is the fair middle.
  private Optional<Duration> skew(String date) {
    try {
      Instant theirs = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Instant ours = Instant.ofEpochSecond(0, time.unixNanos());
      return Optional.of(Duration.between(ours, theirs.plusMillis(500)));
    } catch (DateTimeParseException notADate) {
      return Optional.empty();
    }
  }

  private static Optional<String> read(Path file) {
    // In one read: numbers below /proc/sys say nothing more after a first, shorter one, and
    // Files.readString begins with a single byte where a file's size is told as 0.
    try (InputStream in = Files.newInputStream(file)) {
      return Optional.of(new String(in.readNBytes(PROC_FILE_MAX), StandardCharsets.UTF_8));
    } catch (IOException absent) {
      return Optional.empty(); // not Linux, or a locked-down container: nothing to judge
    }
  }
}
