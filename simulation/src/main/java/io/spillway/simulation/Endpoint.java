package io.spillway.simulation;

/** Whoever sends and receives: a controller or a node, in one of its lives. */
final class Endpoint {
  final String name;

  /** Of which life the endpoint is: messages to an earlier one are lost. */
  int life;

  boolean alive = true;

  /** Over the bus. */
  boolean canSend = true;

  boolean canReceive = true;

  /** Over the other way, HTTP. */
  boolean hasHttp = true;

  /** Everything that it does takes long. */
  boolean slow;

  Endpoint(String name) {
    this.name = name;
  }

  boolean isWhole() {
    return alive && canSend && canReceive && hasHttp && !slow;
  }
}
