package io.spillway.app.controller;

import com.google.protobuf.ByteString;
import io.spillway.controller.dispatch.RequestSealer;
import io.spillway.storage.seal.Seal;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Seals requests for the store, each bound to its egress. */
record Sealer(Seal seal) implements RequestSealer {
  private static final Logger LOG = LoggerFactory.getLogger(Sealer.class);

  @Override
  public ByteString seal(String egressId, ByteString request) {
    return ByteString.copyFrom(seal.seal(request.toByteArray(), egressId));
  }

  @Override
  public Optional<ByteString> open(String egressId, ByteString sealed) {
    if (sealed.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(ByteString.copyFrom(seal.unseal(sealed.toByteArray(), egressId)));
    } catch (IOException closed) {
      LOG.atError()
          .addKeyValue("egress", egressId)
          .setCause(closed)
          .log("a stored request can't be opened, its egress can't go on elsewhere");
      return Optional.empty();
    }
  }
}
