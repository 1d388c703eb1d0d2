package io.spillway.rtc.rtp;

/**
 * What the sender says it has sent (the packet count of RFC 3550 6.4.1) against what came. A stream
 * of which nothing arrives any more differs by it from one that is silent.
 */
final class SentCount {
  private boolean based;
  private int newest;
  private long sent;
  private long receivedAtFirst;
  private long unseen;

  /** A new stream: its counts begin anew. */
  void restart() {
    based = false;
    unseen = 0;
  }

  /** A report of a stream of which no packet has come: none of those that it counts has. */
  void reportedBeforeTheFirst(int packets) {
    unseen = Integer.toUnsignedLong(packets);
  }

  /** A report, and how many packets had come by then. */
  void reported(int packets, long received) {
    int more = packets - newest;
    if (!based || more < 0) { // the first one, or a sender that counts anew
      based = true;
      sent = 0;
      receivedAtFirst = received;
    } else {
      sent += more;
    }
    newest = packets;
    unseen = Math.max(0, sent - (received - receivedAtFirst));
  }

  /** Packets counted by the newest report that had not come. */
  long unseen() {
    return unseen;
  }
}
