package io.spillway.rpc.bus;

import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcContract;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisBusContractTest extends RpcContract {
  private static RedisServer redis;

  @BeforeAll
  static void startRedis() throws IOException {
    redis = RedisServer.start();
  }

  @AfterAll
  static void stopRedis() throws IOException {
    redis.close();
  }

  @Override
  protected MessageBus newBus() {
    return new RedisBus(
        RedisSettings.plain(redis.address()), BusLimits.defaults(), time, new Random(), metrics);
  }
}
