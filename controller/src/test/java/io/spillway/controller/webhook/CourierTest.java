package io.spillway.controller.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.store.ControllerStore;
import io.spillway.store.NewEgress;
import io.spillway.store.StatusUpdate;
import io.spillway.store.outbox.Delivery;
import io.spillway.store.outbox.DeliveryQuery;
import io.spillway.store.outbox.EventRouter;
import io.spillway.store.outbox.Target;
import io.spillway.store.sql.EgressStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The courier on a simulated clock, everything on this thread, over a real store. */
final class CourierTest {
  private static final String ONE = "http://one";
  private static final String TWO = "http://two";

  @TempDir private Path folder;
  private final SimulatedTime time = new SimulatedTime();
  private final Set<Target> targets = Set.of(new Target(ONE, "key"), new Target(TWO, "key"));
  private final List<String> sent = new ArrayList<>();
  private final List<Delivery> deliveries = new ArrayList<>();
  private final Map<String, Answer> answers = new HashMap<>();
  private String broken = "";
  private boolean onDuty = true;
  private boolean released;
  private ControllerStore store;
  private Courier courier;

  @BeforeEach
  void open() {
    EventRouter router = (kind, info) -> targets;
    store = EgressStores.sqlite(folder, time, router);
    courier = courier();
    courier.start();
  }

  private Courier courier() {
    Poster poster =
        delivery -> {
          String url = delivery.target().url();
          sent.add(
              url
                  + " "
                  + delivery.event().info().getEgressId()
                  + " "
                  + delivery.event().sequence());
          deliveries.add(delivery);
          if (url.equals(broken)) {
            throw new IllegalStateException("a defect of ours");
          }
          return answers.getOrDefault(url, new Answer.Taken());
        };
    Duty duty =
        new Duty() {
          @Override
          public boolean check() {
            return onDuty;
          }

          @Override
          public void release() {
            released = true;
          }
        };
    return new Courier(
        store.outbox(),
        poster,
        duty,
        WebhookSettings.none(),
        time,
        new Random(1),
        Runnable::run,
        new PrometheusRegistry(),
        any -> Lane.PROBES);
  }

  @AfterEach
  void close() {
    courier.close();
    store.close();
  }

  private void egress(String id, EgressStatus... statuses) {
    EgressInfo info = EgressInfo.newBuilder().setEgressId(id).setRoomName("room").build();
    store.create(new NewEgress(info, ByteString.EMPTY));
    long sequence = 1;
    for (EgressStatus status : statuses) {
      store.apply(
          new StatusUpdate(info.toBuilder().setStatus(status).build(), 1, sequence++, "ND", ""));
    }
  }

  private void pass(Duration length) {
    for (long left = length.toMillis(); left > 0; left -= 50) {
      time.advance(Duration.ofMillis(Math.min(left, 50)));
    }
  }

  private List<String> to(String url) {
    return sent.stream()
        .filter(line -> line.startsWith(url + " "))
        .map(line -> line.substring(url.length() + 1))
        .toList();
  }

  @Test
  void eachAddressGetsTheEventsOfAnEgressInOrderAndOnce() {
    egress(
        "EG_1",
        EgressStatus.EGRESS_STARTING,
        EgressStatus.EGRESS_ACTIVE,
        EgressStatus.EGRESS_COMPLETE);
    courier.wake();
    pass(Duration.ofSeconds(5));
    assertThat(to(ONE)).containsExactly("EG_1 1", "EG_1 2", "EG_1 3");
    assertThat(to(TWO)).containsExactly("EG_1 1", "EG_1 2", "EG_1 3");
    assertThat(store.outbox().backlog()).isEmpty();
  }

  @Test
  void aDeadAddressDelaysNoOtherAndIsTriedLessAndLessOften() {
    answers.put(ONE, new Answer.Silent("connection refused"));
    for (int i = 0; i < 50; i++) {
      egress("EG_" + i, EgressStatus.EGRESS_STARTING);
    }
    courier.wake();
    pass(Duration.ofSeconds(1));
    assertThat(to(TWO)).hasSize(50);
    int early = to(ONE).size();
    pass(Duration.ofMinutes(10));
    assertThat(to(ONE).size() - early)
        .as("one probe each half minute at most 15 s apart")
        .isBetween(19, 50);

    answers.remove(ONE);
    pass(Duration.ofSeconds(31));
    assertThat(store.outbox().backlog())
        .as("all of it, without waiting for each one's own time")
        .isEmpty();
  }

  @Test
  void anEventThatIsNotTakenHoldsItsEgressAndNoOther() {
    egress("EG_1", EgressStatus.EGRESS_STARTING, EgressStatus.EGRESS_ACTIVE);
    answers.put(ONE, new Answer.Refused(500, " down\nfor now "));
    courier.wake();
    pass(Duration.ofMillis(400));
    assertThat(to(ONE)).containsExactly("EG_1 1");
    assertThat(to(TWO)).containsExactly("EG_1 1", "EG_1 2");
    answers.remove(ONE);
    egress("EG_2", EgressStatus.EGRESS_STARTING);
    courier.wake();
    pass(Duration.ofSeconds(3));
    assertThat(to(ONE)).containsExactly("EG_1 1", "EG_2 1", "EG_1 1", "EG_1 2");
    List<Delivery> tries =
        deliveries.stream()
            .filter(d -> d.target().url().equals(ONE))
            .filter(d -> d.event().info().getEgressId().equals("EG_1") && d.event().sequence() == 1)
            .toList();
    assertThat(tries)
        .extracting(d -> d.event().id())
        .hasSize(2)
        .containsOnly(tries.getFirst().event().id());
    assertThat(tries).extracting(Delivery::attempts).containsExactly(0, 1);
    assertThat(tries.getLast().lastError()).isEqualTo("status 500: down for now");
  }

  @Test
  void afterADayAnEventIsGivenUpAndTheNextComes() {
    answers.put(ONE, new Answer.Refused(404, ""));
    egress("EG_1", EgressStatus.EGRESS_STARTING);
    courier.wake();
    for (int i = 0; i < 24 * 60; i++) {
      time.advance(Duration.ofMinutes(1));
    }
    assertThat(store.outbox().list(DeliveryQuery.all().in(Delivery.State.GIVEN_UP)).deliveries())
        .extracting(d -> d.target().url())
        .containsExactly(ONE);
    assertThat(to(ONE).size()).as("tries in a day").isBetween(24 * 12, 24 * 26);
  }

  @Test
  void whoseDutyItIsNotSendsNothing() {
    onDuty = false;
    egress("EG_1", EgressStatus.EGRESS_STARTING);
    courier.wake();
    pass(Duration.ofSeconds(5));
    assertThat(sent).isEmpty();
    onDuty = true;
    pass(Duration.ofSeconds(2));
    assertThat(sent).hasSize(2);
  }

  @Test
  void anEventThatWasNotWokenForIsFoundWithinASecond() {
    pass(Duration.ofSeconds(3));
    egress("EG_1", EgressStatus.EGRESS_STARTING);
    pass(Duration.ofMillis(1050));
    assertThat(sent).hasSize(2);
  }

  @Test
  void aClosedCourierSendsNothingAndLeavesItsDuty() {
    courier.close();
    egress("EG_1", EgressStatus.EGRESS_STARTING);
    courier.wake();
    pass(Duration.ofSeconds(5));
    assertThat(sent).isEmpty();
    assertThat(released).isTrue();
  }

  @Test
  void aDefectCountsAsAFailedAttempt() {
    broken = ONE;
    egress("EG_1", EgressStatus.EGRESS_STARTING);
    courier.wake();
    pass(Duration.ofMillis(300));
    assertThat(to(ONE)).hasSize(1);
    assertThat(store.outbox().list(DeliveryQuery.all().in(Delivery.State.WAITING)).deliveries())
        .extracting(Delivery::lastError)
        .containsExactly("not sent: internal error, see the log");
    broken = "";
    pass(Duration.ofSeconds(3));
    assertThat(store.outbox().backlog()).isEmpty();
  }
}
