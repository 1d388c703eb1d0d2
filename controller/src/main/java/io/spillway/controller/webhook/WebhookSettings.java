package io.spillway.controller.webhook;

import java.time.Duration;
import java.util.List;

/**
 * Who hears of every egress, and how it is sent.
 *
 * @param apiKey that signs; empty: the first of the configuration
 * @param urls that hear of every egress
 * @param filter for these urls; requests bring their own
 * @param answerWithin how long a receiver may take
 * @param inFlight how many are sent at a time, to all addresses
 * @param inFlightEach how many to one address
 */
public record WebhookSettings(
    String apiKey,
    List<String> urls,
    EventFilter filter,
    Duration answerWithin,
    int inFlight,
    int inFlightEach) {
  /** Copies the list and checks the limits. */
  public WebhookSettings {
    urls = List.copyOf(urls);
    if (inFlight < 1 || inFlightEach < 1 || !answerWithin.isPositive()) {
      throw new IllegalArgumentException("limits of webhooks must be positive");
    }
  }

  /** Nobody but whom a request names. */
  public static WebhookSettings none() {
    return of("", List.of(), EventFilter.ALL);
  }

  /** The usual limits. */
  public static WebhookSettings of(String apiKey, List<String> urls, EventFilter filter) {
    return new WebhookSettings(apiKey, urls, filter, Duration.ofSeconds(10), 128, 8);
  }
}
