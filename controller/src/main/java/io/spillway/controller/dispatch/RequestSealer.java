package io.spillway.controller.dispatch;

import com.google.protobuf.ByteString;
import java.util.Optional;

/** Makes a full request, which may hold secrets, fit to be stored. Thread-safe. */
public interface RequestSealer {
  /** The request sealed for this egress; empty to keep none. */
  ByteString seal(String egressId, ByteString request);

  /** What was sealed for this egress; empty when nothing was kept or our keys don't open it. */
  Optional<ByteString> open(String egressId, ByteString sealed);

  /** Keeps no request: what is not stored can't leak, and can't be tried on another node. */
  static RequestSealer none() {
    return new RequestSealer() {
      @Override
      public ByteString seal(String egressId, ByteString request) {
        return ByteString.EMPTY;
      }

      @Override
      public Optional<ByteString> open(String egressId, ByteString sealed) {
        return Optional.empty();
      }
    };
  }
}
