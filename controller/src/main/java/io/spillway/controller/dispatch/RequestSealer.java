package io.spillway.controller.dispatch;

import com.google.protobuf.ByteString;

/** Makes a full request, which may hold secrets, fit to be stored. Thread-safe. */
@FunctionalInterface
public interface RequestSealer {
  /** The request sealed for this egress; empty to keep none. */
  ByteString seal(String egressId, ByteString request);

  /** Keeps no request: what is not stored can't leak, and can't be tried on another node. */
  static RequestSealer none() {
    return (egressId, request) -> ByteString.EMPTY;
  }
}
