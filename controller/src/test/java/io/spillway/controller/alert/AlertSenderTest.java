package io.spillway.controller.alert;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.alert.AlertKind;
import io.spillway.core.alert.Finding;
import io.spillway.core.alert.Severity;
import io.spillway.core.alert.Standing;
import io.spillway.core.time.SystemTime;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AlertSenderTest {
  private final SystemTime time = new SystemTime();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final AlertSender sender =
      new AlertSender(
          "test",
          (firing, over) -> {
            heard.add("firing " + names(firing) + " over " + names(over));
            return "";
          },
          Duration.ZERO,
          time,
          new Random(1));

  @AfterEach
  void close() {
    sender.close();
    time.close();
  }

  private static String names(List<Standing> standing) {
    return standing.stream()
        .map(one -> one.finding().subject() + "/" + one.finding().severity().word())
        .collect(Collectors.joining(" ", "[", "]"));
  }

  private static Standing standing(String subject, Severity severity) {
    Finding finding = new Finding(AlertKind.STATUS_AGE, subject, severity, "late", Duration.ZERO);
    return new Standing(finding, 0, 0, Standing.Phase.FIRING, 0);
  }

  private void offered(List<Standing> standing, int messages) {
    sender.offer(standing);
    Awaitility.await().until(() -> heard.size() == messages);
  }

  @Test
  void eachChangeIsToldOnce() {
    sender.start();
    offered(List.of(standing("a", Severity.WARNING)), 1);
    sender.offer(List.of(standing("a", Severity.WARNING)));
    offered(List.of(standing("a", Severity.WARNING), standing("b", Severity.WARNING)), 2);
    offered(List.of(standing("b", Severity.WARNING)), 3);
    offered(List.of(standing("b", Severity.CRITICAL)), 4);
    offered(List.of(), 5);

    assertThat(heard)
        .containsExactly(
            "firing [a/warning] over []",
            "firing [b/warning] over []",
            "firing [] over [a/warning]",
            "firing [b/critical] over [b/warning]",
            "firing [] over [b/critical]");
  }
}
