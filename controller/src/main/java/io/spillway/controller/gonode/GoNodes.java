package io.spillway.controller.gonode;

/** What an operator says of livekit/egress nodes, which send no lease. */
public enum GoNodes {
  /** They are asked for every two seconds; while none is heard, no start waits for one. */
  AUTO,
  /** There are some: a start that ours can't take is offered to them though none was heard. */
  ALWAYS,
  /** There are none, and none is listened for. */
  NEVER
}
