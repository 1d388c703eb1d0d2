package io.spillway.rtc.rtp;

/**
 * Puts packets back into order and says which to ask for again.
 *
 * <p>A packet in sequence passes through without copy and leaves no trace but a bit. Only behind a
 * hole packets are copied, into a ring that is made when the first hole appears and grows with what
 * is really waiting; copies are taken from and go back to a small stock, so that a stream that
 * often loses packets allocates nothing either. INVARIANT: every number from {@link #next} to
 * {@link #highest} is either waiting or missing, and {@code next} itself is missing unless nothing
 * waits.
 *
 * <p>Numbers are asked for after a short wait (reordering isn't loss; the wait learns from what
 * comes late by itself), then again in growing steps of at least the round trip: livekit-server
 * ignores a request that comes within min(100 ms, 2 round trips) of the last one and answers each
 * number three times at most. A hole is given up after {@code patience}, or earlier when a key
 * frame waits behind it and the three answers must have come.
 */
final class ReorderBuffer {
  /** Takes what comes out, in order. */
  interface Consumer {
    void packet(
        byte[] buffer,
        int offset,
        int length,
        int payloadType,
        long ticks,
        boolean marker,
        long arrivalNanos);

    /** So many packets won't come any more. */
    void lost(long packets);

    /** Whether a payload begins a key frame. */
    boolean startsKeyFrame(byte[] buffer, int offset, int length);

    /** How many packets before it a payload carries again. */
    int redundancy(int payloadType, byte[] buffer, int offset, int length);
  }

  /** What became of a packet that came in. */
  enum Arrival {
    FIRST,
    /** It had been asked for. */
    RECOVERED,
    /** Its place was given up already. */
    LATE,
    DUPLICATE
  }

  static final long NEVER = Long.MAX_VALUE;

  private static final int FIRST_SLOTS = 32;
  private static final long FIRST_ASK_NANOS = 10_000_000L;
  private static final long LONGEST_FIRST_ASK_NANOS = 60_000_000L;
  private static final long[] ASK_AGAIN_NANOS = {30_000_000L, 60_000_000L, 100_000_000L};
  private static final long KEY_FRAME_PATIENCE_NANOS = 450_000_000L;

  private static final byte MISSING = 0;
  private static final byte WAITING = 1;
  private static final byte WAITING_KEY = 2;

  private final Consumer consumer;
  private final PacketStock stock;
  private final int maxSlots;
  private final long patienceNanos;
  private final SequenceHistory history = new SequenceHistory();

  private Slot[] slots = new Slot[0];
  private long next;
  private long highest;
  private int missing;
  private int keysWaiting;
  private boolean redundancySeen;
  private long dueNanos = NEVER;
  private long roundTripNanos = 50_000_000L;
  private long reorderNanos = FIRST_ASK_NANOS;

  /** One number behind a hole. */
  private static final class Slot {
    byte state;
    byte[] data = PacketStock.NONE;
    int length;
    int payloadType;
    int redundancy;
    boolean marker;
    long ticks;

    /** When it came, or when it was found missing. */
    long atNanos;

    long askAtNanos;
    int asked;
  }

  ReorderBuffer(Consumer consumer, PacketStock stock, int maxSlots, long patienceNanos) {
    this.consumer = consumer;
    this.stock = stock;
    this.maxSlots = maxSlots;
    this.patienceNanos = patienceNanos;
  }

  /** The stream begins with {@code sequence}; what waited before must have been drained. */
  void start(long sequence) {
    next = sequence;
    highest = sequence - 1;
    missing = 0;
    keysWaiting = 0;
    dueNanos = NEVER;
    history.clear();
  }

  /** Highest number seen. */
  long highest() {
    return highest;
  }

  /** Numbers that are missing now. */
  int missing() {
    return missing;
  }

  /** When {@link #giveUp} or {@link #collect} has something to do; {@link #NEVER} without holes. */
  long dueNanos() {
    return dueNanos;
  }

  void roundTrip(long nanos) {
    roundTripNanos = nanos;
  }

  /** Takes a packet; delivers it and all that waited for it. Length 0: padding. */
  Arrival insert(
      long sequence,
      byte[] buffer,
      int offset,
      int length,
      int payloadType,
      long ticks,
      boolean marker,
      long nowNanos) {
    if (sequence <= highest && history.has(sequence, highest)) {
      return Arrival.DUPLICATE;
    }
    if (sequence > highest) {
      extendTo(sequence, nowNanos);
    } else if (sequence < next) {
      history.add(sequence);
      return Arrival.LATE;
    }
    history.add(sequence);
    Arrival arrival = fillHole(sequence, nowNanos);
    if (sequence == next) {
      next++;
      if (length > 0) {
        consumer.packet(buffer, offset, length, payloadType, ticks, marker, nowNanos);
      }
    } else {
      wait(sequence, buffer, offset, length, payloadType, ticks, marker, nowNanos);
    }
    if (highest >= next) {
      settle();
    }
    return arrival;
  }

  /** Makes room up to a new highest number; those between are missing from now on. */
  private void extendTo(long sequence, long nowNanos) {
    history.extend(highest, sequence);
    if (sequence - next >= maxSlots) {
      abandonBefore(sequence - maxSlots + 1);
    }
    if (sequence == next) {
      highest = sequence;
      return;
    }
    growTo((int) (sequence - next + 1));
    for (long number = highest + 1; number < sequence; number++) {
      Slot slot = slot(number);
      slot.state = MISSING;
      slot.atNanos = nowNanos;
      slot.askAtNanos = nowNanos + reorderNanos;
      slot.asked = 0;
      missing++;
    }
    if (sequence > highest + 1) {
      dueNanos = Math.min(dueNanos, nowNanos + reorderNanos);
    }
    highest = sequence;
    slot(sequence).state = MISSING;
    missing++;
  }

  /** The number is no longer missing, if it was: learns how late it came. */
  private Arrival fillHole(long sequence, long nowNanos) {
    if (slots.length == 0 || missing == 0 || (sequence == highest && sequence == next)) {
      return Arrival.FIRST;
    }
    Slot slot = slot(sequence);
    missing--;
    if (sequence == highest) {
      return Arrival.FIRST;
    }
    if (slot.asked > 0) {
      return Arrival.RECOVERED;
    }
    long late = nowNanos - slot.atNanos;
    reorderNanos =
        Math.min(
            LONGEST_FIRST_ASK_NANOS,
            Math.max(FIRST_ASK_NANOS, Math.max(late * 5 / 4, reorderNanos * 63 / 64)));
    return Arrival.FIRST;
  }

  private void wait(
      long sequence,
      byte[] buffer,
      int offset,
      int length,
      int payloadType,
      long ticks,
      boolean marker,
      long nowNanos) {
    Slot slot = slot(sequence);
    boolean key = length > 0 && consumer.startsKeyFrame(buffer, offset, length);
    if (key) {
      keysWaiting++;
    }
    slot.state = key ? WAITING_KEY : WAITING;
    slot.data = stock.copy(buffer, offset, length);
    slot.length = length;
    slot.payloadType = payloadType;
    slot.redundancy = length > 0 ? consumer.redundancy(payloadType, buffer, offset, length) : 0;
    redundancySeen |= slot.redundancy > 0;
    slot.marker = marker;
    slot.ticks = ticks;
    slot.atNanos = nowNanos;
  }

  /** Delivers what is in sequence now, also across holes that the packet behind them fills. */
  private void settle() {
    deliverWaiting();
    while (redundancySeen && highest >= next && headIsCovered()) {
      abandonHead();
    }
  }

  private boolean headIsCovered() {
    int run = headRun();
    return slot(next + run).redundancy >= run;
  }

  private void deliverWaiting() {
    while (highest >= next && slot(next).state != MISSING) {
      Slot slot = slot(next);
      byte[] data = slot.data;
      slot.data = PacketStock.NONE;
      if (slot.state == WAITING_KEY) {
        keysWaiting--;
      }
      next++;
      if (slot.length > 0) {
        consumer.packet(
            data, 0, slot.length, slot.payloadType, slot.ticks, slot.marker, slot.atNanos);
      }
      stock.giveBack(data);
    }
    if (highest < next) {
      redundancySeen = false;
      dueNanos = NEVER;
    }
  }

  /** Length of the hole at {@link #next}; what ends it is waiting. */
  private int headRun() {
    int run = 1;
    while (slot(next + run).state == MISSING) {
      run++;
    }
    return run;
  }

  private void abandonHead() {
    int run = headRun();
    next += run;
    missing -= run;
    consumer.lost(run);
    deliverWaiting();
  }

  private void abandonBefore(long sequence) {
    while (next <= highest && next < sequence) {
      abandonHead();
    }
    if (next < sequence) {
      consumer.lost(sequence - next);
      next = sequence;
      highest = sequence - 1;
    }
  }

  /** Gives up all holes: delivers what waits. */
  void drain() {
    while (highest >= next) {
      abandonHead();
    }
  }

  /** Gives up the holes that have waited long enough. */
  void giveUp(long nowNanos) {
    while (highest >= next && nowNanos - slot(next).atNanos >= patience()) {
      abandonHead();
    }
  }

  private long patience() {
    if (keysWaiting == 0) {
      return patienceNanos;
    }
    return Math.min(patienceNanos, KEY_FRAME_PATIENCE_NANOS + 2 * roundTripNanos);
  }

  /** Puts the numbers to ask for now into {@code into}, growing; returns how many. */
  int collect(long nowNanos, long[] into) {
    int count = 0;
    if (highest < next) {
      dueNanos = NEVER;
      return 0;
    }
    dueNanos = slot(next).atNanos + patience();
    for (long number = next; number <= highest; number++) {
      Slot slot = slot(number);
      if (slot.state != MISSING) {
        continue;
      }
      if (slot.askAtNanos <= nowNanos && count < into.length) {
        into[count++] = number;
        long step = ASK_AGAIN_NANOS[Math.min(slot.asked, ASK_AGAIN_NANOS.length - 1)];
        slot.asked++;
        slot.askAtNanos = nowNanos + Math.max(step, roundTripNanos * 5 / 4);
      }
      dueNanos = Math.min(dueNanos, slot.askAtNanos);
    }
    return count;
  }

  private Slot slot(long sequence) {
    return slots[(int) sequence & (slots.length - 1)];
  }

  private void growTo(int wanted) {
    if (wanted <= slots.length) {
      return;
    }
    int size = Math.max(FIRST_SLOTS, Integer.highestOneBit(wanted * 2 - 1));
    Slot[] grown = new Slot[size];
    for (long number = next; number <= highest; number++) {
      grown[(int) number & (size - 1)] = slot(number);
    }
    for (int i = 0; i < size; i++) {
      if (grown[i] == null) {
        grown[i] = new Slot();
      }
    }
    slots = grown;
  }
}
