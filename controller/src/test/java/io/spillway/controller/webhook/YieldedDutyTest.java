package io.spillway.controller.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.time.SimulatedTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class YieldedDutyTest {
  private final SimulatedTime time = new SimulatedTime();
  private final AtomicBoolean inReach = new AtomicBoolean(true);
  private final AtomicBoolean free = new AtomicBoolean(true);
  private final AtomicInteger releases = new AtomicInteger();
  private final Duty duty =
      new YieldedDuty(
          new Duty() {
            @Override
            public boolean check() {
              return free.get();
            }

            @Override
            public void release() {
              releases.incrementAndGet();
            }
          },
          inReach::get,
          time);

  @Test
  void whoReachesTheHearerHasTheDutyAsItIs() {
    assertThat(duty.check()).isTrue();
    free.set(false);
    assertThat(duty.check()).isFalse();
    assertThat(releases).hasValue(0);
  }

  @Test
  void whoIsCutOffLeavesTheDutyForAWhileAndTakesItBackWhenNobodyWantsIt() {
    inReach.set(false);
    assertThat(duty.check()).isFalse();
    assertThat(releases).hasValue(1);
    time.advance(YieldedDuty.LEFT_FOR.minusMillis(1));
    assertThat(duty.check()).isFalse();
    time.advance(Duration.ofMillis(1));
    assertThat(duty.check()).as("nobody took it").isTrue();
    time.advance(YieldedDuty.OFFERED_EVERY.minus(YieldedDuty.LEFT_FOR));
    assertThat(duty.check()).as("offered again").isFalse();
    assertThat(releases).hasValue(2);
  }

  @Test
  void whoReachesItAgainDoesNotWait() {
    inReach.set(false);
    assertThat(duty.check()).isFalse();
    inReach.set(true);
    assertThat(duty.check()).isTrue();
  }
}
