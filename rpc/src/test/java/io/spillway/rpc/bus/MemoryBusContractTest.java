package io.spillway.rpc.bus;

import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcContract;

class MemoryBusContractTest extends RpcContract {
  @Override
  protected MessageBus newBus() {
    return new MemoryBus(metrics);
  }
}
