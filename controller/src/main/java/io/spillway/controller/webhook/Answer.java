package io.spillway.controller.webhook;

/** What a receiver said to a webhook. */
public sealed interface Answer {
  /** It has it: a status of the 200s. */
  record Taken() implements Answer {}

  /** It answered something else; redirects are not followed. {@code text} begins its body. */
  record Refused(int status, String text) implements Answer {}

  /** No answer came, or nothing could be sent. */
  record Silent(String why) implements Answer {}
}
