package io.spillway.rtc.session;

import io.spillway.core.time.TimeSource;
import io.spillway.rtc.net.LoopTimer;
import io.spillway.rtc.signal.Signalling;
import java.net.URI;
import java.time.Duration;
import livekit.LivekitRtc.Ping;
import livekit.LivekitRtc.SignalRequest;
import livekit.LivekitRtc.SignalResponse;
import org.jspecify.annotations.Nullable;

/**
 * The signalling connection of the moment, brought to the loop's thread: news of a connection that
 * was replaced or closed is dropped. Sends pings and notices when nothing is heard any more. Loop
 * thread only.
 */
final class RoomLink {
  /** Hears of the connection, on the loop's thread. */
  interface Owner {
    void received(SignalResponse message);

    void lost(Signalling.Closed why);
  }

  private static final Duration PING_INTERVAL = Duration.ofSeconds(5);
  private static final Duration PING_TIMEOUT = Duration.ofSeconds(15);
  private static final Duration MOST = Duration.ofMinutes(5);

  private final Environment environment;
  private final Owner owner;
  private final LoopTimer pinger;
  private Signalling.@Nullable Link link;
  private int generation;
  private long lastHeardNanos;
  private Duration pingInterval = PING_INTERVAL;
  private Duration pingTimeout = PING_TIMEOUT;

  RoomLink(Environment environment, Owner owner) {
    this.environment = environment;
    this.owner = owner;
    this.pinger = environment.loop().timer(this::ping);
  }

  void open(URI address, String token) {
    drop();
    int opened = generation;
    link =
        environment
            .signalling()
            .open(
                address,
                token,
                new Signalling.Listener() {
                  @Override
                  public void opened() {}

                  @Override
                  public void message(SignalResponse message) {
                    environment.loop().execute(() -> heard(opened, message));
                  }

                  @Override
                  public void closed(Signalling.Closed why) {
                    environment.loop().execute(() -> broke(opened, why));
                  }
                });
  }

  private void heard(int from, SignalResponse message) {
    if (from == generation) {
      lastHeardNanos = environment.time().nanos();
      owner.received(message);
    }
  }

  private void broke(int from, Signalling.Closed why) {
    if (from == generation) {
      drop();
      owner.lost(why);
    }
  }

  /** Begins to ping, as the JOIN says (seconds; 0: our own defaults). */
  void keepAlive(int intervalSeconds, int timeoutSeconds) {
    pingInterval = bounded(intervalSeconds, PING_INTERVAL);
    pingTimeout = bounded(timeoutSeconds, PING_TIMEOUT);
    keepAlive();
  }

  /** Begins to ping, as before. */
  void keepAlive() {
    lastHeardNanos = environment.time().nanos();
    pinger.schedule(lastHeardNanos + pingInterval.toNanos());
  }

  private static Duration bounded(int seconds, Duration otherwise) {
    Duration asked = Duration.ofSeconds(seconds);
    return seconds <= 0 || asked.compareTo(MOST) > 0 ? otherwise : asked;
  }

  private void ping() {
    TimeSource time = environment.time();
    long silentNanos = time.nanos() - lastHeardNanos;
    if (silentNanos > pingTimeout.toNanos()) {
      drop();
      owner.lost(
          new Signalling.Closed(0, "signalling was silent for " + silentNanos / 1_000_000 + " ms"));
      return;
    }
    long nowMillis = time.unixNanos() / 1_000_000;
    // Both forms: the number is what servers before protocol 8 understand.
    send(SignalRequest.newBuilder().setPing(nowMillis).build());
    send(SignalRequest.newBuilder().setPingReq(Ping.newBuilder().setTimestamp(nowMillis)).build());
    pinger.schedule(time.nanos() + pingInterval.toNanos());
  }

  void send(SignalRequest request) {
    Signalling.Link open = link;
    if (open != null) {
      open.send(request);
    }
  }

  boolean isOpen() {
    return link != null;
  }

  /** Closes the connection; nothing more is heard of it. */
  void drop() {
    generation++;
    pinger.cancel();
    Signalling.Link open = link;
    link = null;
    if (open != null) {
      open.close();
    }
  }
}
