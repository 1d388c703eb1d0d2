package io.spillway.core.trace;

/** Names of what ties a log line, an answer and a message to one request and one egress. */
public final class TraceKeys {
  /** Keys of log lines. */
  public static final String LOG_REQUEST = "request";

  public static final String LOG_EGRESS = "egress";
  public static final String LOG_EPOCH = "epoch";
  public static final String LOG_NODE = "node";
  public static final String LOG_ROOM_SID = "room_sid";
  public static final String LOG_REGION = "region";

  /** Metadata of psrpc requests. */
  public static final String META_REQUEST = "spillway-request-id";

  public static final String META_EGRESS = "spillway-egress-id";
  public static final String META_EPOCH = "spillway-epoch";
  public static final String META_NODE = "spillway-node";
  public static final String META_ROOM_SID = "spillway-room-sid";

  /** Where an egress is wanted; also the header of a start. */
  public static final String META_REGION = "spillway-region";

  /** Which report of its epoch a status is: rises with each, from 1. */
  public static final String META_SEQUENCE = "spillway-sequence";

  /** Present in a start of an egress that another node has recorded before. */
  public static final String META_GOES_ON = "spillway-goes-on";

  /** What led to a status, for the timeline. */
  public static final String META_REASON = "spillway-reason";

  /** Headers of HTTP answers. */
  public static final String HEADER_REQUEST = "X-Request-Id";

  public static final String HEADER_EGRESS = "Spillway-Egress-Id";
  public static final String HEADER_EPOCH = "Spillway-Epoch";
  public static final String HEADER_NODE = "Spillway-Node";
  public static final String HEADER_ROOM_SID = "Spillway-Room-Sid";
  public static final String HEADER_REGION = "Spillway-Region";

  private TraceKeys() {}
}
