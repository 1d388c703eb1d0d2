package io.spillway.rpc.interop;

import com.google.protobuf.StringValue;
import com.sun.management.OperatingSystemMXBean;
import io.spillway.core.time.SystemTime;
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
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The Java twin of interop/psrpc-peer, for side-by-side figures on one Redis: {@code serve
 * ADDRESS}, or {@code call ADDRESS CALLERS SECONDS} which prints calls per second, latencies and
 * CPU per call.
 */
public final class RpcBench {
  private final SystemTime time;
  private final PsrpcClient client;
  private final AtomicLong failed = new AtomicLong();

  private RpcBench(SystemTime time, PsrpcClient client) {
    this.time = time;
    this.client = client;
  }

  /** See above. */
  public static void main(String[] arguments) throws Exception {
    SystemTime time = new SystemTime();
    RpcMetrics metrics = new RpcMetrics();
    RedisSettings settings = RedisSettings.plain(arguments[1]);
    try (RedisBus bus = new RedisBus(settings, BusLimits.defaults(), time, new Random(), metrics)) {
      if (!bus.awaitConnected(Duration.ofSeconds(30))) {
        throw new IllegalStateException("no Redis at " + arguments[1]);
      }
      if (arguments[0].equals("serve")) {
        serve(bus, time, metrics);
      } else {
        PsrpcClient client =
            new PsrpcClient(
                bus, PeerMethods.SERVICE, time, new Random(), ClientLimits.defaults(), metrics);
        RpcBench bench = new RpcBench(time, client);
        int callers = Integer.parseInt(arguments[2]);
        double seconds = Double.parseDouble(arguments[3]);
        String _ = bench.run(callers, seconds); // warms the compiler up: Go comes compiled
        print(bench.run(callers, seconds));
        client.close();
      }
    }
    time.close();
  }

  private static void serve(RedisBus bus, SystemTime time, RpcMetrics metrics) throws Exception {
    try (PsrpcServer server =
        new PsrpcServer(bus, PeerMethods.SERVICE, "JAVA", time, ServerLimits.defaults(), metrics)) {
      var _ =
          server.serve(
              PeerMethods.QUEUE, "", (text, context) -> StringValue.of("JAVA:" + text.getValue()));
      print("ready");
      InputStream in = System.in;
      in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private String run(int callers, double seconds) throws InterruptedException {
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
    return "callers %d: %.0f calls/s, p50 %d us, p99 %d us, %.0f us CPU per call, failed %d"
        .formatted(
            callers,
            all.length / span,
            all[all.length / 2] / 1_000,
            all[all.length * 99 / 100] / 1_000,
            cpuMicros / all.length,
            failed.get());
  }

  private long[] callUntil(long end) {
    long[] took = new long[1_024];
    int count = 0;
    CallOptions options = CallOptions.within(Duration.ofSeconds(3));
    for (long now = time.nanos(); now < end; now = time.nanos()) {
      try {
        StringValue _ = client.call(PeerMethods.QUEUE, "", StringValue.of("hello"), options);
        took = count == took.length ? Arrays.copyOf(took, count * 2) : took;
        took[count++] = time.nanos() - now;
      } catch (RpcException failure) {
        failed.incrementAndGet();
      }
    }
    return Arrays.copyOf(took, count);
  }

  @SuppressWarnings("SystemOut") // a program for people
  private static void print(String line) {
    System.out.println(line);
  }
}
