package io.spillway.store;

import com.google.protobuf.ByteString;
import io.spillway.protocol.livekit.EgressInfo;

/**
 * An egress that was just asked for.
 *
 * @param info as the caller sees it, secrets already redacted
 * @param sealedRequest the full request, sealed by the caller; the store can't open it; may be
 *     empty
 * @param dispatcher the controller that is going to look for a node; empty: nobody has to
 * @param region that was wished for; empty: any
 */
public record NewEgress(
    EgressInfo info, ByteString sealedRequest, String dispatcher, String region) {
  /** One that nobody has to dispatch. */
  public NewEgress(EgressInfo info, ByteString sealedRequest) {
    this(info, sealedRequest, "", "");
  }

  /** One that may run anywhere. */
  public NewEgress(EgressInfo info, ByteString sealedRequest, String dispatcher) {
    this(info, sealedRequest, dispatcher, "");
  }

  /** Checks that there is an id to keep it under. */
  public NewEgress {
    if (info.getEgressId().isEmpty()) {
      throw new IllegalArgumentException("a new egress needs an egress_id");
    }
  }
}
