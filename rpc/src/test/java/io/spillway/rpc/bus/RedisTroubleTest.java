package io.spillway.rpc.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import io.spillway.core.time.SystemTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.rpc.DropReason;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Redis stopped, hung, half-open, cut: calls return by their deadline and then work again. */
@Timeout(90)
class RedisTroubleTest {
  private final SystemTime time = new SystemTime();
  private final RpcMetrics metrics = new RpcMetrics();
  private final List<AutoCloseable> open = new ArrayList<>();
  private int seed;

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

  private RedisBus bus(RedisSettings settings) {
    return closing(new RedisBus(settings, BusLimits.defaults(), time, new Random(++seed), metrics));
  }

  private PsrpcClient client(RedisBus bus) {
    return closing(
        new PsrpcClient(bus, "IOInfo", time, new Random(++seed), ClientLimits.defaults(), metrics));
  }

  /** A client and a server, each on a bus of its own. */
  private PsrpcClient pair(RedisSettings forClient, RedisSettings forServer) throws Exception {
    RedisBus serving = bus(forServer);
    assertThat(serving.awaitConnected(Duration.ofSeconds(10))).isTrue();
    closing(new PsrpcServer(serving, "IOInfo", "SRV_1", time, ServerLimits.defaults(), metrics))
        .serve(EgressServices.UPDATE_EGRESS, "", (info, context) -> Empty.getDefaultInstance());
    RedisBus calling = bus(forClient);
    assertThat(calling.awaitConnected(Duration.ofSeconds(10))).isTrue();
    return client(calling);
  }

  private void update(PsrpcClient client, Duration timeout) {
    Empty _ =
        client.call(
            EgressServices.UPDATE_EGRESS,
            "",
            EgressInfo.newBuilder().setEgressId("EG_" + time.nanos()).build(),
            CallOptions.within(timeout));
  }

  private boolean works(PsrpcClient client) {
    try {
      update(client, Duration.ofMillis(500));
      return true;
    } catch (RpcException notYet) {
      return false;
    }
  }

  private void worksAgainWithin(Duration limit, PsrpcClient client) {
    await().atMost(limit).pollInterval(Duration.ofMillis(20)).until(() -> works(client));
    for (int i = 0; i < 50; i++) {
      update(client, Duration.ofSeconds(2));
    }
  }

  private void failsByItsDeadline(PsrpcClient client) {
    long begin = time.nanos();
    assertThatThrownBy(() -> update(client, Duration.ofMillis(700)))
        .isInstanceOf(RpcException.class);
    assertThat(Duration.ofNanos(time.nanos() - begin)).isLessThan(Duration.ofMillis(900));
  }

  @Test
  void withoutAnyRedisACallFailsByItsDeadline() throws Exception {
    PsrpcClient client = client(bus(RedisSettings.plain("127.0.0.1:" + RedisServer.freePort())));
    failsByItsDeadline(client);
  }

  @Test
  void aRedisThatAcceptsAndNeverAnswersCostsACallItsDeadlineOnly() throws Exception {
    ServerSocket hung = closing(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    PsrpcClient client = client(bus(RedisSettings.plain("127.0.0.1:" + hung.getLocalPort())));
    failsByItsDeadline(client);
    failsByItsDeadline(client);
  }

  @Test
  void withThePublishQueueFullACallFailsAtOnceAndAllWorkAgainAfterwards() throws Exception {
    RedisServer redis = closing(RedisServer.start());
    RedisSettings settings = RedisSettings.plain(redis.address());
    BusLimits tight = new BusLimits(8, 1 << 20, 1 << 20);
    RedisBus small = closing(new RedisBus(settings, tight, time, new Random(++seed), metrics));
    assertThat(small.awaitConnected(Duration.ofSeconds(10))).isTrue();
    PsrpcClient client = client(small);
    PsrpcClient other = pair(settings, settings);
    redis.freeze();
    AtomicInteger right = new AtomicInteger();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      callers.add(
          Thread.ofVirtual()
              .start(() -> {
                failsByItsDeadline(client);
                right.incrementAndGet();
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(right.get()).isEqualTo(40);
    assertThat(metrics.drops(DropReason.OVERFLOW)).isGreaterThan(20);
    redis.thaw();
    worksAgainWithin(Duration.ofSeconds(5), client);
    worksAgainWithin(Duration.ofSeconds(5), other);
  }

  @Test
  void aRestartedRedisIsFoundAgainWithinASecond() throws Exception {
    RedisServer redis = closing(RedisServer.start());
    RedisSettings settings = RedisSettings.plain(redis.address());
    PsrpcClient client = pair(settings, settings);
    update(client, Duration.ofSeconds(2));
    redis.stop();
    failsByItsDeadline(client);
    redis.startAgain();
    worksAgainWithin(Duration.ofSeconds(2), client);
  }

  @Test
  void aRedisPausedForFiveSecondsServesAgainAtOnce() throws Exception {
    RedisServer redis = closing(RedisServer.start());
    RedisSettings settings = RedisSettings.plain(redis.address());
    PsrpcClient client = pair(settings, settings);
    update(client, Duration.ofSeconds(2));
    redis.freeze();
    long begin = time.nanos();
    while (time.nanos() - begin < Duration.ofSeconds(5).toNanos()) {
      failsByItsDeadline(client);
    }
    redis.thaw();
    worksAgainWithin(Duration.ofSeconds(2), client);
  }

  @Test
  void killedSubscriptionsAreMadeAgain() throws Exception {
    RedisServer redis = closing(RedisServer.start());
    RedisSettings settings = RedisSettings.plain(redis.address());
    PsrpcClient client = pair(settings, settings);
    for (int i = 0; i < 5; i++) {
      update(client, Duration.ofSeconds(2));
      assertThat(redis.command("CLIENT KILL TYPE pubsub")).isEqualTo(":2");
      worksAgainWithin(Duration.ofSeconds(2), client);
    }
  }

  @Test
  void aSubscriptionThatIsDeadWhilePublishWorksIsNoticedAndRebuilt() throws Exception {
    RedisServer redis = closing(RedisServer.start());
    FreezingProxy proxy = closing(new FreezingProxy(redis.port()));
    PsrpcClient client =
        pair(RedisSettings.plain(proxy.address()), RedisSettings.plain(redis.address()));
    update(client, Duration.ofSeconds(2));
    proxy.freeze(true);
    failsByItsDeadline(client);
    worksAgainWithin(Duration.ofSeconds(6), client);
    // Whoever notices first, the bus or its client, has it rebuilt.
    assertThat(metrics.busRebuilds()).isPositive();
  }

  @Test
  void aBusThatNobodyCallsOnNoticesByItselfThatItsSubscriptionIsDead() throws Exception {
    RedisServer redis = closing(RedisServer.start());
    FreezingProxy proxy = closing(new FreezingProxy(redis.port()));
    RedisBus alone = bus(RedisSettings.plain(proxy.address()));
    assertThat(alone.awaitConnected(Duration.ofSeconds(10))).isTrue();
    var heard = new AtomicInteger();
    var _ = alone.subscribe("c", false, payload -> heard.incrementAndGet());
    await()
        .atMost(Duration.ofSeconds(5))
        .until(() -> {
          alone.publish("c", new byte[] {1});
          return heard.get() > 0;
        });
    assertThat(metrics.busRebuilds()).isZero();
    proxy.freeze(true);
    // The fourth message to itself stays away within two seconds.
    await()
        .atMost(Duration.ofSeconds(3))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> metrics.busRebuilds() > 0);
    int before = heard.get();
    alone.publish("c", new byte[] {1});
    await().atMost(Duration.ofSeconds(1)).until(() -> heard.get() > before);
  }

  @Test
  void halfOpenConnectionsAreReplaced() throws Exception {
    RedisServer redis = closing(RedisServer.start());
    FreezingProxy proxy = closing(new FreezingProxy(redis.port()));
    PsrpcClient client =
        pair(RedisSettings.plain(proxy.address()), RedisSettings.plain(proxy.address()));
    update(client, Duration.ofSeconds(2));
    proxy.freeze(false);
    failsByItsDeadline(client);
    worksAgainWithin(Duration.ofSeconds(6), client);
  }

  @Test
  void aWrongPasswordIsNoConnectionAndTheRightOneIs() throws Exception {
    RedisServer redis = closing(RedisServer.start("--requirepass", "secret"));
    RedisSettings plain = RedisSettings.plain(redis.address());
    assertThat(bus(plain.as("", "wrong")).awaitConnected(Duration.ofMillis(500))).isFalse();
    RedisSettings right = plain.as("default", "secret");
    update(pair(right, plain.as("", "secret")), Duration.ofSeconds(2));
    assertThat(right.toString()).doesNotContain("secret");
  }

  @Test
  void theSmallestAclIsEnough() throws Exception {
    RedisServer redis = closing(RedisServer.start());
    assertThat(
            redis.command(
                "ACL SETUSER sw on >pw ~* &* -@all +publish +subscribe +unsubscribe +set +ping"))
        .isEqualTo("+OK");
    RedisSettings settings = RedisSettings.plain(redis.address()).as("sw", "pw");
    PsrpcClient client = pair(settings, settings);
    for (int i = 0; i < 100; i++) {
      update(client, Duration.ofSeconds(2));
    }
    assertThat(metrics.busRebuilds()).isZero();
  }

  /** Sentinels have users of their own: the master's name and password are no use there. */
  @Test
  void theSmallestAclOfSentinelsIsEnough() throws Exception {
    RedisServer master = closing(RedisServer.start());
    assertThat(
            master.command(
                "ACL SETUSER sw on >pw ~* &* -@all +publish +subscribe +unsubscribe +set +ping"))
        .isEqualTo("+OK");
    RedisServer sentinel = closing(RedisServer.sentinel(master.port()));
    assertThat(
            sentinel.command(
                "ACL SETUSER asks on >why -@all +sentinel|get-master-addr-by-name +ping"))
        .isEqualTo("+OK");
    assertThat(sentinel.command("ACL SETUSER default off")).isEqualTo("+OK");

    assertThat(bus(behind(sentinel, "", "")).awaitConnected(Duration.ofSeconds(2))).isFalse();
    RedisSettings settings = behind(sentinel, "asks", "why");
    PsrpcClient client = pair(settings, settings);
    for (int i = 0; i < 100; i++) {
      update(client, Duration.ofSeconds(10));
    }
  }

  private static RedisSettings behind(RedisServer sentinel, String username, String password) {
    RedisSettings open = RedisSettings.sentinel("m", List.of(sentinel.address()));
    return new RedisSettings(
        "",
        "sw",
        "pw",
        0,
        false,
        Optional.empty(),
        open.sentinelMasterName(),
        username,
        password,
        open.sentinelAddresses(),
        List.of(),
        open.maxRedirects(),
        open.dialTimeout());
  }

  @Test
  void theSmallestAclOfAClusterIsEnough() throws Exception {
    List<RedisServer> nodes = RedisServer.cluster();
    for (RedisServer node : nodes) {
      closing(node);
      assertThat(
              node.command(
                  "ACL SETUSER sw on >pw ~* &* -@all +publish +subscribe +unsubscribe +set +ping"
                      + " +cluster|slots +asking"))
          .isEqualTo("+OK");
    }
    RedisSettings settings =
        RedisSettings.cluster(List.of(nodes.getFirst().address())).as("sw", "pw");
    PsrpcClient client = pair(settings, settings);
    for (int i = 0; i < 100; i++) {
      update(client, Duration.ofSeconds(2));
    }
    assertThat(metrics.busRebuilds()).isZero();
  }
}
