package io.spillway.controller;

import io.spillway.controller.api.ApiSettings;
import io.spillway.controller.dispatch.DispatchSettings;
import io.spillway.core.token.ApiKeys;
import java.net.URI;

/** All that a controller is configured with. */
public record ControllerSettings(ApiSettings api, DispatchSettings dispatch) {
  /** The usual limits, on localhost's port 7990. */
  public static ControllerSettings of(ApiKeys keys, URI livekitUrl) {
    return new ControllerSettings(ApiSettings.of(keys), DispatchSettings.of(livekitUrl));
  }

  /** The same, listening elsewhere; port 0 takes any free one. */
  public ControllerSettings at(String host, int port) {
    return new ControllerSettings(api.at(host, port), dispatch);
  }
}
