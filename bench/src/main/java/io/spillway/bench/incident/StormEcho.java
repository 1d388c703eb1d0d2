package io.spillway.bench.incident;

import com.google.protobuf.ByteString;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.spillway.core.time.TimeSource;
import io.spillway.protocol.psrpc.Response;
import io.spillway.rpc.wire.Envelope;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * What wedged LiveKit's client in the incident, done to everybody on a Redis: each answer comes
 * four times and once more when its caller has given up, each claim four times and every hundredth
 * a thousand times; between them answers to unknown ids, broken envelopes, answers of 16 MiB. It
 * repeats what others said and says nothing of its own that could be believed.
 */
final class StormEcho implements AutoCloseable {
  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);
  private static final String ANSWERS = "|RES";
  private static final String CLAIMS = "|CLAIM";
  private static final Duration LATE = Duration.ofMillis(2_500);
  private static final int LARGE_BYTES = 16 << 20;

  /** Longer ones are our own large ones coming back. */
  private static final int LONGEST_REPEATED = 1 << 20;

  private static final int REMEMBERED = 50_000;

  private final TimeSource time;
  private final RandomGenerator random;
  private final RedisClient client;
  private final StatefulRedisConnection<String, byte[]> out;
  private final StatefulRedisPubSubConnection<String, byte[]> ears;

  /** What was repeated already, our own repetitions included. For the reader's thread alone. */
  private final Map<ByteString, Boolean> known =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteString, Boolean> eldest) {
          return size() > REMEMBERED;
        }
      };

  private long heard;
  private volatile boolean closed;

  /** Begins at once. {@code redis} is {@code host:port}; {@code random} for this storm alone. */
  StormEcho(String redis, TimeSource time, RandomGenerator random) {
    this.time = time;
    this.random = random;
    this.client = RedisClient.create(RedisURI.create("redis://" + redis));
    this.out = client.connect(CODEC);
    this.ears = client.connectPubSub(CODEC);
    ears.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String pattern, String channel, byte[] payload) {
            repeat(channel, payload);
          }
        });
    ears.sync().psubscribe("*" + ANSWERS, "*" + CLAIMS);
  }

  private void repeat(String channel, byte[] payload) {
    if (closed || payload.length > LONGEST_REPEATED) {
      return;
    }
    if (known.put(ByteString.copyFrom(payload), true) != null) {
      return;
    }
    heard++;
    if (channel.endsWith(CLAIMS)) {
      send(channel, payload, heard % 100 == 0 ? 1_000 : 3);
      return;
    }
    send(channel, payload, 3);
    var _ = time.after(LATE, () -> send(channel, payload, 1));
    byte[] broken = new byte[1 + random.nextInt(60)];
    random.nextBytes(broken);
    made(channel, broken);
    made(channel, answer("REQ_unknown", 8));
    if (heard % 500 == 0) {
      made(channel, answer("REQ_large", LARGE_BYTES));
    }
  }

  private byte[] answer(String requestId, int bytes) {
    return Envelope.RESPONSE.encode(
        Response.newBuilder()
            .setRequestId(requestId)
            .setServerId("SRV_storm")
            .setSentAt(time.unixNanos())
            .setRawResponse(ByteString.copyFrom(new byte[bytes]))
            .build());
  }

  /** Something that nobody said before: not to be repeated when it is heard. */
  private void made(String channel, byte[] payload) {
    if (payload.length <= LONGEST_REPEATED) {
      known.put(ByteString.copyFrom(payload), true);
    }
    send(channel, payload, 1);
  }

  private void send(String channel, byte[] payload, int copies) {
    for (int i = 0; i < copies && !closed; i++) {
      var _ = out.async().publish(channel, payload);
    }
  }

  @Override
  public void close() {
    closed = true;
    ears.close();
    out.close();
    client.shutdown();
  }
}
