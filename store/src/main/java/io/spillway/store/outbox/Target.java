package io.spillway.store.outbox;

/**
 * Who is to hear of an event.
 *
 * @param url where it is posted to
 * @param apiKey whose secret signs it
 */
public record Target(String url, String apiKey) {}
