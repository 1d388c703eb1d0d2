/**
 * From a checked wish to a node that records. In: requests of the API. Out: the node's EgressInfo,
 * or an {@link io.spillway.rpc.RpcException} that says why not. An egress is stored before any node
 * hears of it; a start that fails is stored as FAILED with the reason. Never keeps state of its own
 * that the store doesn't have (a second of room names apart).
 */
@NullMarked
package io.spillway.controller.dispatch;

import org.jspecify.annotations.NullMarked;
