package io.spillway.rpc.bus;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.spillway.core.time.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Queue locks in a Cluster: each goes to the owner of its key's slot. Thread-safe; never waits.
 *
 * <p>Who owns what is asked of the node that carries the link's messages, because that one is known
 * to live: at first, and again after each failure or redirection. Rejected: Lettuce's cluster
 * client, which asks all nodes, over new connections each time, so that one that hangs holds up
 * every question for its time-out.
 */
final class ClusterLocks implements RedisLink.Locks {
  private static final Duration REFRESH_EACH = Duration.ofMillis(200);
  private static final Pattern REDIRECTION = Pattern.compile("(MOVED|ASK) \\d+ (\\S+)");

  private final RedisClient client;
  private final RedisUris uris;
  private final StatefulRedisConnection<String, byte[]> informant;
  private final String host;
  private final Consumer<SlotMap> onNews;
  private final TimeSource time;
  private final AtomicLong refreshAgainNanos;
  private final ConcurrentHashMap<
          String, CompletableFuture<StatefulRedisConnection<String, byte[]>>>
      connections = new ConcurrentHashMap<>();
  private volatile SlotMap slots;

  /**
   * @param client whose commands have a time-out, for connections to the owners
   * @param informant a connection to a living node
   * @param host of that node, for where it means itself
   * @param slots what that node said last
   * @param onNews hears what it says later
   */
  ClusterLocks(
      RedisClient client,
      RedisUris uris,
      StatefulRedisConnection<String, byte[]> informant,
      String host,
      SlotMap slots,
      Consumer<SlotMap> onNews,
      TimeSource time) {
    this.client = client;
    this.uris = uris;
    this.informant = informant;
    this.host = host;
    this.slots = slots;
    this.onNews = onNews;
    this.time = time;
    this.refreshAgainNanos = new AtomicLong(time.nanos());
  }

  @Override
  public CompletionStage<Boolean> lock(String key) {
    return slots
        .owner(key)
        .map(owner -> lockAt(owner, key, false, uris.maxRedirects()))
        .orElseGet(() -> failed(new IllegalStateException("the Cluster names no owner")));
  }

  private CompletableFuture<Boolean> lockAt(
      String address, String key, boolean asking, int redirectsLeft) {
    return connection(address)
        .thenCompose(connection -> RedisLink.setNx(connection, key, asking))
        .exceptionallyCompose(failure -> redirected(failure, key, redirectsLeft));
  }

  private CompletableFuture<Boolean> redirected(Throwable failure, String key, int redirectsLeft) {
    Throwable why =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (why instanceof RedisCommandExecutionException refused && redirectsLeft > 0) {
      Matcher redirection = REDIRECTION.matcher(String.valueOf(refused.getMessage()));
      if (redirection.matches()) {
        boolean asking = redirection.group(1).equals("ASK"); // the slot is moving: this key only
        if (!asking) {
          refresh();
        }
        return lockAt(redirection.group(2), key, asking, redirectsLeft - 1);
      }
    }
    return failed(why);
  }

  private CompletableFuture<Boolean> failed(Throwable why) {
    refresh();
    return CompletableFuture.failedFuture(why);
  }

  private void refresh() {
    long now = time.nanos();
    long notBefore = refreshAgainNanos.get();
    if (now - notBefore >= 0
        && refreshAgainNanos.compareAndSet(notBefore, now + REFRESH_EACH.toNanos())) {
      var _ = informant.async().clusterSlots().thenAccept(this::learn);
    }
  }

  private void learn(List<Object> answer) {
    SlotMap news = SlotMap.read(answer, host);
    if (!news.nodes().isEmpty()) {
      slots = news;
      onNews.accept(news);
    }
  }

  /** The connection to a node, made at the first lock for it and again when it broke. */
  private CompletableFuture<StatefulRedisConnection<String, byte[]>> connection(String address) {
    return connections.compute(
        address,
        (name, known) ->
            known == null || isBroken(known)
                ? client.connectAsync(RedisConnector.CODEC, uris.server(name)).toCompletableFuture()
                : known);
  }

  private static boolean isBroken(
      CompletableFuture<StatefulRedisConnection<String, byte[]>> known) {
    return known.isCompletedExceptionally()
        || (known.isDone() && !known.isCancelled() && !known.join().isOpen());
  }
}
