package io.spillway.rpc.bus;

import io.spillway.rpc.MessageBus.Receiver;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who listens to a channel: everyone, and those of whom one gets each message. */
final class Listeners {
  private final List<Entry> each = new CopyOnWriteArrayList<>();
  private final List<Entry> queue = new CopyOnWriteArrayList<>();
  private int turn;
  private volatile @Nullable RedisLink carriedBy;

  /** One subscription; compared by identity. */
  static final class Entry {
    private final Receiver receiver;
    private final boolean inQueue;

    Entry(Receiver receiver, boolean inQueue) {
      this.receiver = receiver;
      this.inQueue = inQueue;
    }
  }

  void add(Entry entry) {
    (entry.inQueue ? queue : each).add(entry);
  }

  void remove(Entry entry) {
    (entry.inQueue ? queue : each).remove(entry);
  }

  boolean isEmpty() {
    return each.isEmpty() && queue.isEmpty();
  }

  boolean hasQueue() {
    return !queue.isEmpty();
  }

  /** Those who get every message. */
  void forEach(Consumer<Receiver> action) {
    for (Entry entry : each) {
      action.accept(entry.receiver);
    }
  }

  /** The one whose turn it is, if there is a queue. */
  @Nullable Receiver nextOfQueue() {
    Entry[] all = queue.toArray(Entry[]::new);
    if (all.length == 0) {
      return null;
    }
    turn = (turn + 1) % all.length; // a lost turn between two readers harms nobody
    return all[turn].receiver;
  }

  /** Redis confirmed the subscription on this link. */
  void carriedBy(RedisLink link) {
    carriedBy = link;
  }

  /** Whether Redis sends us this channel's messages, as far as we know. */
  boolean isCarried() {
    RedisLink link = carriedBy;
    return link != null && link.isOpen();
  }

  boolean isCarriedBy(RedisLink link) {
    return carriedBy == link;
  }
}
