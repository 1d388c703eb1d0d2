package io.spillway.bench.stage;

import com.google.protobuf.InvalidProtocolBufferException;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.spillway.app.command.OutcomeException;
import io.spillway.protocol.livekit.EgressInfo;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads statuses where livekit-server stores them, the hash {@code egress} of its Redis: asking its
 * API every two milliseconds would be work of the server that is measured along.
 */
public final class RedisStatus implements AutoCloseable {
  private static final byte[] HASH = "egress".getBytes(StandardCharsets.UTF_8);

  private final RedisClient redis;
  private final StatefulRedisConnection<byte[], byte[]> connection;

  private RedisStatus(RedisClient redis, StatefulRedisConnection<byte[], byte[]> connection) {
    this.redis = redis;
    this.connection = connection;
  }

  /** Connects to a Redis that answers. */
  static RedisStatus at(String address) {
    RedisClient redis = RedisClient.create(RedisURI.create("redis://" + address));
    try {
      return new RedisStatus(redis, redis.connect(ByteArrayCodec.INSTANCE));
    } catch (RedisConnectionException refused) {
      redis.shutdown();
      throw new OutcomeException("no connection to redis-server on " + address, refused);
    }
  }

  /** What is stored of an egress. */
  public Optional<EgressInfo> of(String egressId) {
    byte[] info = connection.sync().hget(HASH, egressId.getBytes(StandardCharsets.UTF_8));
    if (info == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(EgressInfo.parseFrom(info));
    } catch (InvalidProtocolBufferException unreadable) {
      throw new IllegalStateException("livekit-server stored what we can't read", unreadable);
    }
  }

  @Override
  public void close() {
    connection.close();
    redis.shutdown();
  }
}
