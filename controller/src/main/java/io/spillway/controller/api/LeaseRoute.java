package io.spillway.controller.api;

import io.javalin.http.Context;
import io.spillway.controller.api.Authorizer.RefusedTokenException;
import io.spillway.controller.api.RequestBody.TooLargeException;
import io.spillway.controller.fleet.FleetService;
import io.spillway.rpc.fleet.LeaseMessages;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the nodes' leases. Neither logged nor counted like other requests: each node sends one
 * every two seconds.
 */
final class LeaseRoute {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseRoute.class);

  private final Authorizer authorizer;
  private final RequestBody bodies;
  private final FleetService fleet;

  LeaseRoute(Authorizer authorizer, RequestBody bodies, FleetService fleet) {
    this.authorizer = authorizer;
    this.bodies = bodies;
    this.fleet = fleet;
  }

  /** {@code POST /fleet/lease}: a LeaseReport in, a LeaseAnswer out. */
  void renew(Context request) {
    try {
      if (!authorizer.grants(request).isFleet()) {
        refuse(request, 401, "a lease needs a token for the fleet, signed with an API key");
        return;
      }
      byte[] answer = fleet.lease(bodies.read(request));
      request.contentType(LeaseMessages.CONTENT_TYPE).result(answer);
    } catch (RefusedTokenException refused) {
      refuse(request, 401, refused.text());
    } catch (TooLargeException large) {
      refuse(request, 413, String.valueOf(large.getMessage()));
    } catch (TwirpException late) {
      refuse(request, 408, late.text());
    } catch (IllegalArgumentException unreadable) {
      refuse(request, 400, String.valueOf(unreadable.getMessage()));
    } catch (IllegalStateException full) {
      refuse(request, 429, String.valueOf(full.getMessage()));
    }
  }

  private static void refuse(Context request, int status, String why) {
    LOG.atWarn()
        .addKeyValue("from", request.ip())
        .addKeyValue("status", status)
        .addKeyValue("reason", why)
        .log("lease refused");
    request.status(status).contentType("text/plain; charset=utf-8").result(why);
  }
}
