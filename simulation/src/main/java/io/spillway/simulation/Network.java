package io.spillway.simulation;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The ways between controllers and nodes: the bus (psrpc over Redis) and HTTP. Each message may be
 * lost, held up, repeated and so overtaken.
 */
final class Network {
  private static final long MILLI = 1_000_000;

  /** As CallOptions.within has it, psrpc's own. */
  private static final Duration CLAIM_WITHIN = Duration.ofSeconds(1);

  private final SimulationClock clock;
  private final RandomGenerator random;
  private double loss = 0.002;
  private boolean busIsDown;

  Network(SimulationClock clock, RandomGenerator random) {
    this.clock = clock;
    this.random = random;
  }

  void loss(double share) {
    loss = share;
  }

  void busIsDown(boolean down) {
    busIsDown = down;
  }

  boolean busIsDown() {
    return busIsDown;
  }

  /** One message over the bus. */
  void send(Endpoint from, Endpoint to, Runnable deliver) {
    send(from, to, deliver, () -> {});
  }

  /** The same; {@code lost} at once when chance alone takes it, between two that are well. */
  private void send(Endpoint from, Endpoint to, Runnable deliver, Runnable lost) {
    if (!from.alive || !from.canSend || busIsDown) {
      return;
    }
    if (random.nextDouble() < loss) {
      lost.run();
      return;
    }
    int life = to.life;
    Runnable arrive =
        () -> {
          if (to.alive && to.life == life && to.canReceive && !busIsDown) {
            deliver.run();
          }
        };
    var _ = clock.afterNanos(delay(from, to), arrive);
    if (random.nextDouble() < 0.005) { // the same message again, perhaps much later
      var _ = clock.afterNanos(delay(from, to) + random.nextLong(500 * MILLI), arrive);
    }
  }

  private long delay(Endpoint from, Endpoint to) {
    long usual = MILLI + random.nextLong(8 * MILLI);
    if (random.nextInt(50) == 0) {
      usual += random.nextLong(300 * MILLI);
    }
    if (from.slow || to.slow) {
      usual += 300 * MILLI + random.nextLong(2500 * MILLI);
    }
    return usual;
  }

  /**
   * A psrpc call: request, claim, choice, answer. The server runs it at most once, and not after
   * the caller has given up; a call that nobody claims is over after {@link #CLAIM_WITHIN}.
   *
   * @param serve runs at the server; empty: it never answers
   * @param done at the caller, with empty after {@code within}
   */
  <T> void call(
      Endpoint caller,
      Endpoint server,
      Duration within,
      Supplier<Optional<T>> serve,
      Consumer<Optional<T>> done) {
    Runnable unclaimed = () -> done.accept(Optional.empty());
    Duration claimWithin = within.compareTo(CLAIM_WITHIN) < 0 ? within : CLAIM_WITHIN;
    call(caller, server, within, claimWithin, serve, done, unclaimed, () -> {});
  }

  /**
   * The same.
   *
   * @param unclaimed instead of {@code done} when no claim has come within {@code claimWithin}
   * @param lost when one of its messages is lost by chance: then this call can't succeed
   */
  <T> void call(
      Endpoint caller,
      Endpoint server,
      Duration within,
      Duration claimWithin,
      Supplier<Optional<T>> serve,
      Consumer<Optional<T>> done,
      Runnable unclaimed,
      Runnable lost) {
    Call<T> call = new Call<>(caller, clock, within, done, lost);
    var _ = clock.after(claimWithin, () -> call.giveUpUnclaimed(unclaimed));
    send(
        caller,
        server,
        () ->
            send(
                server,
                caller,
                () -> {
                  if (call.open) {
                    call.claimed = true;
                    send(caller, server, () -> run(call, server, serve), lost);
                  }
                },
                lost),
        lost);
  }

  private <T> void run(Call<T> call, Endpoint server, Supplier<Optional<T>> serve) {
    if (call.served || clock.nanos() > call.untilNanos) {
      return;
    }
    call.served = true;
    Optional<T> answer = serve.get();
    if (answer.isPresent()) {
      send(server, call.caller, () -> call.end(answer), call.lost);
    }
  }

  private static final class Call<T> {
    final Endpoint caller;
    final int life;
    final long untilNanos;
    final Consumer<Optional<T>> done;
    final Runnable lost;
    boolean open = true;
    boolean claimed;
    boolean served;

    Call(
        Endpoint caller,
        SimulationClock clock,
        Duration within,
        Consumer<Optional<T>> done,
        Runnable lost) {
      this.caller = caller;
      this.life = caller.life;
      this.done = done;
      this.lost = lost;
      this.untilNanos = clock.nanos() + within.toNanos();
      var _ = clock.after(within, () -> end(Optional.empty()));
    }

    void giveUpUnclaimed(Runnable unclaimed) {
      if (open && !claimed) {
        open = false;
        if (caller.alive && caller.life == life) {
          unclaimed.run();
        }
      }
    }

    void end(Optional<T> answer) {
      if (open) {
        open = false;
        if (caller.alive && caller.life == life) {
          done.accept(answer);
        }
      }
    }
  }

  /** A request over HTTP and its answer: no claim, shares nothing with the bus. */
  <T> void http(Endpoint client, Endpoint server, Supplier<T> serve, Consumer<T> done) {
    if (!client.alive || !client.hasHttp || random.nextDouble() < 0.002) {
      return;
    }
    int clientLife = client.life;
    int serverLife = server.life;
    var _ =
        clock.afterNanos(
            delay(client, server),
            () -> {
              if (!server.alive || server.life != serverLife || !server.hasHttp) {
                return;
              }
              T answer = serve.get();
              var _ =
                  clock.afterNanos(
                      delay(server, client),
                      () -> {
                        if (client.alive && client.life == clientLife && client.hasHttp) {
                          done.accept(answer);
                        }
                      });
            });
  }
}
