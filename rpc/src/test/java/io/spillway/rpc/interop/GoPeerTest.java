package io.spillway.rpc.interop;

import static io.spillway.rpc.interop.PeerMethods.ALL;
import static io.spillway.rpc.interop.PeerMethods.BARE;
import static io.spillway.rpc.interop.PeerMethods.BEST;
import static io.spillway.rpc.interop.PeerMethods.FIRST;
import static io.spillway.rpc.interop.PeerMethods.QUEUE;
import static io.spillway.rpc.interop.PeerMethods.SERVICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.spillway.core.time.SystemTime;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMethod;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer;
import io.spillway.rpc.bus.BusLimits;
import io.spillway.rpc.bus.RedisBus;
import io.spillway.rpc.bus.RedisServer;
import io.spillway.rpc.bus.RedisSettings;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.rpc.wire.Channels;
import io.spillway.rpc.wire.Envelope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Our client and server against LiveKit's own, on a real Redis. */
@Timeout(120)
class GoPeerTest {
  private static final CallOptions SECONDS =
      CallOptions.within(Duration.ofSeconds(3)).withMetadata(Map.of("k", "java"));

  private static RedisServer redis;

  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final List<AutoCloseable> open = new ArrayList<>();
  private RedisBus bus;
  private PsrpcClient client;

  @BeforeAll
  static void prepare() throws Exception {
    GoPeer.build();
    redis = RedisServer.start();
  }

  @AfterAll
  static void stop() throws Exception {
    redis.close();
  }

  @BeforeEach
  void connect() throws Exception {
    bus = connected();
    client = new PsrpcClient(bus, SERVICE, time, new Random(), ClientLimits.defaults(), metrics);
  }

  private RedisBus connected() throws Exception {
    RedisBus made =
        new RedisBus(
            RedisSettings.plain(redis.address()),
            BusLimits.defaults(),
            time,
            new Random(),
            metrics);
    assertThat(made.awaitConnected(Duration.ofSeconds(5))).isTrue();
    return made;
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    client.close();
    bus.close();
    time.close();
  }

  private GoPeer goServer(String id, String topic, String... more) throws Exception {
    List<String> all =
        new ArrayList<>(List.of("-redis", redis.address(), "-id", id, "-topic", topic));
    all.addAll(List.of(more));
    GoPeer peer = GoPeer.serve(all.toArray(String[]::new));
    open.add(peer);
    return peer;
  }

  private static GoPeer.Result goCalls(String... more) throws Exception {
    List<String> all = new ArrayList<>(List.of("-redis", redis.address()));
    all.addAll(List.of(more));
    return GoPeer.call(all.toArray(String[]::new));
  }

  /** Serves as the Go peer does. */
  private void javaServer(String id, String topic, float affinity, AtomicInteger handled) {
    javaServer(bus, id, topic, affinity, handled);
  }

  private void javaServer(
      RedisBus on, String id, String topic, float affinity, AtomicInteger handled) {
    PsrpcServer server = new PsrpcServer(on, SERVICE, id, time, ServerLimits.defaults(), metrics);
    open.add(server);
    RpcServer.Handler<StringValue, StringValue> answer =
        (request, context) -> {
          handled.incrementAndGet();
          return answer(id, request, context);
        };
    for (var method : List.of(QUEUE, FIRST, BARE, ALL)) {
      var _ = server.serve(method, topic, answer);
    }
    var _ = server.serve(BEST, topic, answer, request -> RpcServer.Bid.of(affinity));
  }

  private static StringValue answer(String id, StringValue request, RpcServer.Context context) {
    return switch (request.getValue()) {
      case "coded" ->
          throw new RpcException(
              RpcCode.NOT_FOUND, "nothing here", List.of(Any.pack(StringValue.of("detail"))));
      case "uncoded" -> throw new IllegalStateException("just so");
      default ->
          StringValue.of(
              id + ":" + request.getValue() + ":" + context.metadata().getOrDefault("k", ""));
    };
  }

  private String call(RpcMethod<StringValue, StringValue> method, String topic, String text) {
    return client
        .call(method, topic, StringValue.of(text), SECONDS.withAffinity(1, Duration.ofMillis(400)))
        .getValue();
  }

  @Test
  void aGoServerAnswersOurClientInEveryKindOfMethod() throws Exception {
    goServer("GO", "", "-affinity", "0.5");
    for (var method : List.of(QUEUE, BEST, FIRST, BARE)) {
      assertThat(call(method, "", "hello")).as(method.name()).isEqualTo("GO:hello:java");
    }
    goServer("GO2", "", "-affinity", "0.9");
    assertThat(call(BEST, "", "hello")).isEqualTo("GO2:hello:java");
    CallOptions brief = CallOptions.within(Duration.ofMillis(700));
    assertThat(client.callAll(ALL, "", StringValue.of("x"), brief))
        .extracting(StringValue::getValue)
        .containsExactlyInAnyOrder("GO:x:", "GO2:x:");
  }

  @Test
  void ourServerAnswersAGoClientInEveryKindOfMethod() throws Exception {
    var handled = new AtomicInteger();
    javaServer("JAVA", "", 0.5f, handled);
    for (String method : List.of("Queue", "Best", "First", "Bare")) {
      GoPeer.Result result = goCalls("-method", method, "-calls", "3");
      assertThat(result.number("ok")).as(result.json()).isEqualTo(3);
      assertThat(result.text("first")).isEqualTo("JAVA:hello:go");
    }
    assertThat(handled.get()).isEqualTo(12);
    javaServer("JAVA2", "", 0.9f, handled);
    assertThat(goCalls("-method", "Best", "-calls", "1").text("first")).isEqualTo("JAVA2:hello:go");
    assertThat(goCalls("-method", "All", "-calls", "1", "-timeout", "700ms").text("first"))
        .isEqualTo("[JAVA2:hello:go JAVA:hello:go]");
  }

  @Test
  void errorsCrossWithCodeTextAndDetails() throws Exception {
    goServer("GO", "g");
    RpcException coded = catchThrowableOfType(RpcException.class, () -> call(QUEUE, "g", "coded"));
    assertThat(coded.code()).isEqualTo(RpcCode.NOT_FOUND);
    assertThat(coded).hasMessage("nothing here");
    assertThat(coded.details()).containsExactly(Any.pack(StringValue.of("detail")));
    RpcException uncoded =
        catchThrowableOfType(RpcException.class, () -> call(FIRST, "g", "uncoded"));
    assertThat(uncoded.code()).isEqualTo(RpcCode.UNKNOWN);
    javaServer("JAVA", "j", 1, new AtomicInteger());
    GoPeer.Result theirs = goCalls("-topic", "j", "-body", "coded", "-calls", "1");
    assertThat(theirs.text("first_failed")).isEqualTo("nothing here");
    assertThat(theirs.text("code")).isEqualTo("not_found/1");
    theirs = goCalls("-topic", "j", "-body", "uncoded", "-calls", "1");
    assertThat(theirs.text("code")).isEqualTo("internal/0");
    theirs = goCalls("-topic", "nobody", "-calls", "1");
    assertThat(theirs.text("code")).isEqualTo("unavailable/0");
  }

  @Test
  void aTopicOfStrangeLettersIsTheSameChannelOnBothSides() throws Exception {
    String topic = "eu-west|ü 😀 é_9";
    goServer("GO", topic);
    assertThat(call(QUEUE, topic, "x")).isEqualTo("GO:x:java");
    assertThat(call(FIRST, topic, "x")).isEqualTo("GO:x:java");
  }

  /** Each of the four on a connection of its own: on one bus two servers are one competitor. */
  @Test
  void twoGoAndTwoJavaServersShareAQueueAndEachCallIsHandledOnce() throws Exception {
    var one = new AtomicInteger();
    var two = new AtomicInteger();
    GoPeer first = goServer("GO1", "q");
    GoPeer second = goServer("GO2", "q");
    RedisBus another = connected();
    open.add(another);
    javaServer("JAVA1", "q", 1, one);
    javaServer(another, "JAVA2", "q", 1, two);
    var goCallers = new AtomicReference<GoPeer.Result>();
    Thread going =
        Thread.ofPlatform()
            .start(() -> {
              try {
                goCallers.set(goCalls("-topic", "q", "-calls", "500", "-callers", "8"));
              } catch (Exception failed) {
                throw new IllegalStateException("the Go callers did not start", failed);
              }
            });
    var answered = new AtomicInteger();
    inParallel(
        8,
        125,
        n -> {
          if (call(QUEUE, "q", "n" + n).matches("(GO|JAVA)[12]:n" + n + ":java")) {
            int _ = answered.incrementAndGet();
          }
        });
    going.join();
    assertThat(answered.get()).isEqualTo(1_000);
    assertThat(goCallers.get().number("ok")).as(goCallers.get().json()).isEqualTo(500);
    List<Integer> handled =
        List.of(one.get(), two.get(), first.handledUntilNow(), second.handledUntilNow());
    assertThat(handled).as("each of the four has its part").allMatch(part -> part > 0);
    assertThat(handled.stream().mapToInt(Integer::intValue).sum())
        .as("calls handled, once each: %s", handled)
        .isEqualTo(1_500);
  }

  @Test
  void tenThousandCallsEachWayMissNone() throws Exception {
    goServer("GO", "ten");
    Set<Integer> answered = ConcurrentHashMap.newKeySet();
    inParallel(
        16,
        625,
        n -> {
          if (call(QUEUE, "ten", "n" + n).equals("GO:n" + n + ":java")) {
            answered.add(n);
          }
        });
    assertThat(answered).hasSize(10_000);
    javaServer("JAVA", "net", 1, new AtomicInteger());
    GoPeer.Result theirs = goCalls("-topic", "net", "-calls", "10000", "-callers", "16");
    assertThat(theirs.number("ok")).as(theirs.json()).isEqualTo(10_000);
  }

  @Test
  void everyEnvelopeAGoPeerSendsIsWrittenByUsWithTheSameBytes() throws Exception {
    var same = new AtomicInteger();
    List<String> different = new ArrayList<>();
    Set<String> clients = ConcurrentHashMap.newKeySet();
    watch(Channels.request(SERVICE, "Queue", "same"), Envelope.REQUEST, same, different);
    watch(
        Channels.claimResponse(SERVICE, "Queue", "same"), Envelope.CLAIM_RESPONSE, same, different);
    var _ =
        bus.subscribe(
            Channels.request(SERVICE, "Queue", "same"),
            false,
            payload -> {
              String id = Envelope.REQUEST.decode(payload).orElseThrow().getClientId();
              if (clients.add(id)) {
                watch(Channels.claim(SERVICE, id), Envelope.CLAIM_REQUEST, same, different);
                watch(Channels.response(SERVICE, id), Envelope.RESPONSE, same, different);
              }
            });
    assertThat(bus.subscribe("settled", false, payload -> {}).awaitActive(Duration.ofSeconds(5)))
        .isTrue();
    goServer("GO", "same");
    assertThat(goCalls("-topic", "same", "-calls", "200").number("ok")).isEqualTo(200);
    assertThat(goCalls("-topic", "same", "-calls", "5", "-body", "coded").number("failed"))
        .isEqualTo(5);
    assertThat(different).isEmpty();
    assertThat(same.get()).isGreaterThan(700); // of 4 x 205, less what preceded our subscription
  }

  private <T extends Message> void watch(
      String channel, Envelope.Kind<T> kind, AtomicInteger same, List<String> different) {
    var _ =
        bus.subscribe(
            channel,
            false,
            payload -> {
              if (Arrays.equals(kind.encode(kind.decode(payload).orElseThrow()), payload)) {
                same.incrementAndGet();
              } else {
                synchronized (different) {
                  different.add(channel);
                }
              }
            });
  }

  private interface Numbered {
    void run(int number);
  }

  private static void inParallel(int callers, int each, Numbered work) throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int caller = 0; caller < callers; caller++) {
      int first = caller * each;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int n = first; n < first + each; n++) {
                  work.run(n);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
