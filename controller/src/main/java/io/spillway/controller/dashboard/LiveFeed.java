package io.spillway.controller.dashboard;

import io.spillway.core.bounded.Mailbox;
import io.spillway.core.bounded.Mailbox.Overflow;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Events to browsers, as server-sent events. Thread-safe.
 *
 * <p>Publishing never waits: each client has a bounded mailbox, and one whose mailbox is full is
 * let go, because a browser that comes again with the id of its last event gets what it missed, or
 * the word {@code reset} when that is too long ago, upon which it reads everything anew. So a slow
 * client costs one connection, never memory. How many clients there may be is limited.
 */
final class LiveFeed implements AutoCloseable {
  /** Events that a client may be behind before it is let go. */
  static final int MAILBOX = 64;

  /** Events that are kept for clients that come again. */
  static final int KEPT = 256;

  /** Well below the API's idle time-out, and a proxy's. */
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private static final byte[] COMMENT = ": alive\n\n".getBytes(StandardCharsets.UTF_8);

  private final String feedId;
  private final int mostClients;
  private final TimeSource time;
  private final Deque<Event> kept = new ArrayDeque<>();
  private final Set<Client> clients = new LinkedHashSet<>();
  private long number;
  private long dropped;
  private long refused;
  private boolean closed;

  /**
   * A feed without clients.
   *
   * @param feedId tells this feed's event ids from those of an earlier process
   */
  LiveFeed(String feedId, int mostClients, TimeSource time) {
    this.feedId = feedId;
    this.mostClients = mostClients;
    this.time = time;
  }

  /**
   * An event.
   *
   * @param id empty for an event that isn't kept: its loss is mended by the next one of its kind
   */
  record Event(String id, String name, String data) {
    byte[] bytes() {
      String text = (id.isEmpty() ? "" : "id: " + id + "\n") + "event: " + name + "\n";
      // Our JSON has no line breaks, so one data line is enough.
      return (text + "data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
    }
  }

  /** Tells all clients, and keeps it for those that come again. */
  synchronized void publish(String name, String data) {
    number++;
    Event event = new Event(feedId + "-" + number, name, data);
    if (kept.size() == KEPT) {
      kept.removeFirst();
    }
    kept.addLast(event);
    tell(event);
  }

  /** Tells all clients that are there now. */
  synchronized void publishState(String name, String data) {
    tell(new Event("", name, data));
  }

  private void tell(Event event) {
    for (Client client : List.copyOf(clients)) {
      if (!client.mailbox.offer(event)) {
        dropped++;
        leave(client);
      }
    }
  }

  /**
   * A new client, with what it missed in its mailbox; empty when there are too many.
   *
   * @param lastEventId that it has seen; empty for none
   */
  synchronized Optional<Client> join(String lastEventId) {
    if (closed || clients.size() >= mostClients) {
      refused++;
      return Optional.empty();
    }
    List<Event> missed = missed(lastEventId);
    String from = missed.isEmpty() ? feedId + "-" + number : lastEventId;
    Client client = new Client(from);
    missed.forEach(client.mailbox::offer);
    clients.add(client);
    return Optional.of(client);
  }

  private List<Event> missed(String lastEventId) {
    if (lastEventId.isEmpty() || lastEventId.equals(feedId + "-" + number)) {
      return List.of();
    }
    List<Event> after = new ArrayList<>();
    boolean found = lastEventId.equals(feedId + "-0");
    for (Event event : kept) {
      if (found) {
        after.add(event);
      }
      found |= event.id().equals(lastEventId);
    }
    boolean whole = found && after.size() < MAILBOX;
    return whole ? after : List.of(new Event(feedId + "-" + number, "reset", "{}"));
  }

  private synchronized void leave(Client client) {
    clients.remove(client);
    client.mailbox.close();
  }

  /** How many follow now. */
  synchronized int clients() {
    return clients.size();
  }

  /** How many were let go because they were too slow. */
  synchronized long dropped() {
    return dropped;
  }

  /** How many were turned away because there were too many. */
  synchronized long refused() {
    return refused;
  }

  /** Lets all go; their threads end by themselves. */
  @Override
  public synchronized void close() {
    closed = true;
    List.copyOf(clients).forEach(this::leave);
  }

  /** One browser. Belongs to the thread that writes to it, but for the mailbox. */
  final class Client {
    private final Mailbox<Event> mailbox = Mailbox.bounded(MAILBOX, Overflow.DROP_NEWEST);
    private final String from;

    private Client(String from) {
      this.from = from;
    }

    /**
     * Writes events until the client or the feed goes. Blocks; a client that doesn't read blocks
     * only its own thread, until the server's idle time-out cuts it.
     *
     * @param goesOn asked before each write; false ends it, when a session is over
     */
    void serve(OutputStream out, BooleanSupplier goesOn) throws IOException, InterruptedException {
      try {
        // The id first, so that even a client that saw no event can be told what it missed.
        out.write(new Event(from, "hello", "{}").bytes());
        out.flush();
        while (goesOn.getAsBoolean()) {
          Optional<Event> next = mailbox.take(Deadline.in(time, HEARTBEAT));
          if (next.isEmpty() && !here()) {
            return;
          }
          out.write(next.map(Event::bytes).orElse(COMMENT));
          out.flush();
        }
      } finally {
        leave(this);
      }
    }

    private boolean here() {
      synchronized (LiveFeed.this) {
        return clients.contains(this);
      }
    }
  }
}
