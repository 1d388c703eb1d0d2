package io.spillway.bench.rpc;

import com.google.protobuf.Empty;
import com.sun.management.OperatingSystemMXBean;
import io.spillway.core.time.SystemTime;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.rpc.bus.RedisSettings;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The Java twin of interop/psrpc-peer: {@code serve ADDRESS}, or {@code call ADDRESS CALLERS
 * SECONDS WARM_SECONDS BYTES}, which prints its {@link Figures}. Calls IOInfo.UpdateEgress.
 */
public final class JavaPeer {
  private static final int WARM_CALLERS = 16;
  private static final Duration CONNECTS_WITHIN = Duration.ofSeconds(30);

  private final TimeSource time;
  private final PsrpcClient client;
  private final EgressInfo request;
  private final AtomicLong failed = new AtomicLong();

  private JavaPeer(TimeSource time, PsrpcClient client, int bytes) {
    this.time = time;
    this.client = client;
    this.request = EgressInfo.newBuilder().setEgressId("x".repeat(bytes)).build();
  }

  /** See above. */
  public static void main(String[] arguments) throws InterruptedException, IOException {
    RpcMetrics metrics = new RpcMetrics();
    RedisSettings settings = RedisSettings.plain(arguments[1]);
    try (SystemTime time = new SystemTime();
        RedisBus bus = new RedisBus(settings, BusLimits.defaults(), time, new Random(), metrics)) {
      if (!bus.awaitConnected(CONNECTS_WITHIN)) {
        throw new IllegalStateException("no Redis at " + arguments[1]);
      }
      if (arguments[0].equals("serve")) {
        serve(bus, time, metrics);
      } else {
        call(bus, time, metrics, arguments);
      }
    }
  }

  private static void serve(RedisBus bus, SystemTime time, RpcMetrics metrics) throws IOException {
    try (PsrpcServer server =
        new PsrpcServer(
            bus, EgressServices.IO_INFO, "JAVA", time, ServerLimits.defaults(), metrics)) {
      var _ =
          server.serve(
              EgressServices.UPDATE_EGRESS, "", (info, context) -> Empty.getDefaultInstance());
      print("ready");
      long _ = System.in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private static void call(RedisBus bus, SystemTime time, RpcMetrics metrics, String[] arguments)
      throws InterruptedException {
    try (PsrpcClient client =
        new PsrpcClient(
            bus, EgressServices.IO_INFO, time, new Random(), ClientLimits.defaults(), metrics)) {
      JavaPeer peer = new JavaPeer(time, client, Integer.parseInt(arguments[5]));
      int callers = Integer.parseInt(arguments[2]);
      // Go comes compiled. Here that takes some ten thousand calls, which one caller alone would
      // not have made before it is measured.
      Figures _ = peer.run(Math.max(callers, WARM_CALLERS), Double.parseDouble(arguments[4]));
      print(peer.run(callers, Double.parseDouble(arguments[3])).line());
    }
  }

  private Figures run(int callers, double seconds) throws InterruptedException {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long begin = time.nanos();
    long end = begin + (long) (seconds * 1e9);
    List<long[]> took = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                long[] mine = callUntil(end);
                synchronized (took) {
                  took.add(mine);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    double span = (time.nanos() - begin) / 1e9;
    long[] all = took.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    double cpuMicros = (system.getProcessCpuTime() - cpu) / 1e3;
    return new Figures(
        all.length,
        failed.get(),
        all.length / span,
        all.length == 0 ? 0 : all[all.length / 2] / 1_000,
        all.length == 0 ? 0 : all[all.length * 99 / 100] / 1_000,
        cpuMicros / Math.max(1, all.length));
  }

  private long[] callUntil(long end) {
    long[] took = new long[1_024];
    int count = 0;
    CallOptions options = CallOptions.within(Duration.ofSeconds(3));
    for (long now = time.nanos(); now < end; now = time.nanos()) {
      try {
        Empty _ = client.call(EgressServices.UPDATE_EGRESS, "", request, options);
        took = count == took.length ? Arrays.copyOf(took, count * 2) : took;
        took[count++] = time.nanos() - now;
      } catch (RpcException failure) {
        failed.incrementAndGet();
      }
    }
    return Arrays.copyOf(took, count);
  }

  @SuppressWarnings("SystemOut") // lines are how it is spoken to
  private static void print(String line) {
    System.out.println(line);
  }
}
