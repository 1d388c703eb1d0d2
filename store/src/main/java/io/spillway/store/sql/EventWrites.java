package io.spillway.store.sql;

import static io.spillway.store.sql.EgressRow.text;

import io.spillway.core.time.TimeSource;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.store.outbox.EventKind;
import io.spillway.store.outbox.EventRouter;
import io.spillway.store.outbox.Outbox;
import io.spillway.store.outbox.Target;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/** Puts events into the outbox, in the transaction of the change that they tell of. */
record EventWrites(EventRouter router, TimeSource time) {
  /** LiveKit's alphabet for ids: what can't be mistaken for each other. */
  private static final String ALPHABET =
      "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

  private static final int ID_LENGTH = 12;

  /** {@code before} is how many events the egress had. */
  void add(Handle handle, List<EventKind> kinds, int before, EgressInfo info) {
    int sequence = before;
    for (EventKind kind : kinds) {
      sequence++;
      Set<Target> targets = router.targets(kind, info);
      if (!targets.isEmpty()) {
        add(handle, kind, sequence, info, targets);
      }
    }
  }

  private void add(
      Handle handle, EventKind kind, int sequence, EgressInfo info, Set<Target> targets) {
    String id = id(info.getEgressId(), sequence);
    long now = time.unixNanos();
    handle
        .createUpdate(
            """
            INSERT INTO outbox_event (event_id, egress_id, sequence, kind, created_at, info)
            VALUES (:event, :egress, :sequence, :kind, :now, :info)
            """)
        .bind("event", id)
        .bind("egress", text(info.getEgressId()))
        .bind("sequence", sequence)
        .bind("kind", kind.wire())
        .bind("now", now)
        .bind("info", info.toByteArray())
        .execute();
    for (Target target : targets) {
      handle
          .createUpdate(
              """
              INSERT INTO outbox_delivery (event_id, url, api_key, egress_id, sequence, state,
                attempts, next_at, expires_at, ended_at, last_error)
              VALUES (:event, :url, :key, :egress, :sequence, 0, 0, :now, :expires, 0, '')
              """)
          .bind("event", id)
          .bind("url", text(target.url()))
          .bind("key", text(target.apiKey()))
          .bind("egress", text(info.getEgressId()))
          .bind("sequence", sequence)
          .bind("now", now)
          .bind("expires", now + Outbox.TRIED_FOR.toNanos())
          .execute();
    }
  }

  /** Made of what the event is, so that it needs no chance and no event ever has two. */
  private static String id(String egressId, int sequence) {
    byte[] hash = sha256(egressId + ":" + sequence);
    StringBuilder id = new StringBuilder("EV_");
    for (int i = 0; i < ID_LENGTH; i++) {
      int twoBytes = ((hash[2 * i] & 0xff) << 8) | (hash[2 * i + 1] & 0xff);
      id.append(ALPHABET.charAt(twoBytes % ALPHABET.length()));
    }
    return id.toString();
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException absent) {
      throw new IllegalStateException("every Java has SHA-256", absent);
    }
  }
}
