package io.spillway.rtc.session;

import java.util.ArrayDeque;

/**
 * Lets a limited number of joins be in handshake at the same time; the others wait in order.
 * Without it a burst of starts on a cold JVM has dozens of DTLS handshakes share two cores, each
 * too slow for the server's 10 s. Thread-safe; nobody blocks.
 */
public final class JoinGate {
  /** A place in the queue, then in the handshake. */
  public final class Ticket {
    private final Runnable turn;
    private boolean inside;
    private boolean over;

    private Ticket(Runnable turn) {
      this.turn = turn;
    }

    /** Gives the place back, or leaves the queue. Again: without effect. */
    public void done() {
      leave(this);
    }
  }

  private final int places;
  private final ArrayDeque<Ticket> waiting = new ArrayDeque<>();
  private int inside;

  /** A gate for {@code places} joins at once. */
  public JoinGate(int places) {
    if (places < 1) {
      throw new IllegalArgumentException("at least one join at once, was " + places);
    }
    this.places = places;
  }

  /**
   * Asks for a place; {@code turn} runs when there is one, here or on the thread that frees it: it
   * must be short.
   */
  public Ticket enter(Runnable turn) {
    Ticket ticket = new Ticket(turn);
    synchronized (this) {
      if (inside >= places) {
        waiting.add(ticket);
        return ticket;
      }
      inside++;
      ticket.inside = true;
    }
    turn.run();
    return ticket;
  }

  private void leave(Ticket ticket) {
    Ticket next;
    synchronized (this) {
      if (ticket.over) {
        return;
      }
      ticket.over = true;
      if (!ticket.inside) {
        waiting.remove(ticket);
        return;
      }
      next = waiting.poll();
      if (next == null) {
        inside--;
        return;
      }
      next.inside = true;
    }
    next.turn.run();
  }

  /** How many wait now. */
  public synchronized int waiting() {
    return waiting.size();
  }
}
