package io.spillway.controller.status;

import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.ListEgressRequest;
import io.spillway.protocol.livekit.ListEgressResponse;
import io.spillway.protocol.livekit.TokenPagination;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.store.EgressStore;
import io.spillway.store.ListQuery;
import io.spillway.store.Page;
import io.spillway.store.StoredEgress;

/**
 * Stored egresses as LiveKit's ListEgress shows them. Thread-safe.
 *
 * <p>livekit-server knows no pages and its clients don't ask for a next one, so a page is as long
 * as the store gives ({@link ListQuery#MOST}).
 */
public final class EgressLists {
  private final EgressStore store;

  /** Reads from {@code store}. */
  public EgressLists(EgressStore store) {
    this.store = store;
  }

  /**
   * One egress when an id is given (the other fields then don't matter, as in LiveKit), else a
   * page.
   *
   * @throws RpcException {@code not_found} for an unknown id, {@code invalid_argument} for a page
   *     token that isn't ours
   */
  public ListEgressResponse list(ListEgressRequest request) {
    if (!request.getEgressId().isEmpty()) {
      EgressInfo info = stored(request.getEgressId()).info();
      return ListEgressResponse.newBuilder().addItems(info).build();
    }
    ListQuery query =
        new ListQuery(
            request.getRoomName(),
            "",
            request.getActive(),
            request.getPageToken().getToken(),
            ListQuery.MOST);
    Page page = page(query);
    ListEgressResponse.Builder answer =
        ListEgressResponse.newBuilder().addAllItems(page.egresses());
    page.nextToken()
        .ifPresent(
            token -> answer.setNextPageToken(TokenPagination.newBuilder().setToken(token).build()));
    return answer.build();
  }

  /** The egress of this id, or {@code not_found} in LiveKit's words. */
  public StoredEgress stored(String egressId) {
    return store
        .find(egressId)
        .orElseThrow(() -> new RpcException(RpcCode.NOT_FOUND, "egress does not exist"));
  }

  private Page page(ListQuery query) {
    try {
      return store.list(query);
    } catch (IllegalArgumentException foreignToken) {
      throw new RpcException(
          RpcCode.INVALID_ARGUMENT,
          "request has missing or invalid field: page_token",
          foreignToken);
    }
  }
}
