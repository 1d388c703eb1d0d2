package io.spillway.controller.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.time.SystemTime;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LiveFeedTest {
  private final SystemTime time = new SystemTime();
  private final LiveFeed feed = new LiveFeed("f", 2, time);

  @AfterEach
  void close() {
    feed.close();
    time.close();
  }

  /** What a browser gets that comes with this id and reads until the feed lets it go. */
  private String heard(String lastEventId, Runnable meanwhile) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LiveFeed.Client client = feed.join(lastEventId).orElseThrow();
    Thread reader = serve(client, out);
    meanwhile.run();
    feed.close();
    assertThat(reader.join(Duration.ofSeconds(5))).as("the client's thread ends").isTrue();
    return out.toString(StandardCharsets.UTF_8);
  }

  private static Thread serve(LiveFeed.Client client, OutputStream out) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            client.serve(out, () -> true);
          } catch (IOException gone) {
            // as a browser that has left
          } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
          }
        });
  }

  @Test
  void aClientHearsWhatIsPublishedWithItsNumber() throws Exception {
    String text =
        heard(
            "",
            () -> {
              feed.publish("egress", "{\"id\":\"EG_1\"}");
              feed.publishState("overview", "{}");
            });

    assertThat(text.lines())
        .containsExactly(
            "id: f-0",
            "event: hello",
            "data: {}",
            "",
            "id: f-1",
            "event: egress",
            "data: {\"id\":\"EG_1\"}",
            "",
            "event: overview",
            "data: {}",
            "");
  }

  @Test
  void aClientThatComesAgainHearsWhatItMissed() throws Exception {
    feed.publish("egress", "1");
    feed.publish("egress", "2");
    feed.publish("egress", "3");

    assertThat(heard("f-1", () -> {}))
        .doesNotContain("data: 1\n")
        .contains("data: 2\n", "data: 3\n");
  }

  @Test
  void whoMissedTooMuchOrComesFromAnotherProcessReadsAnew() throws Exception {
    for (int i = 0; i < LiveFeed.KEPT + 10; i++) {
      feed.publish("egress", "{}");
    }

    LiveFeed other = new LiveFeed("g", 1, time);
    assertThat(heard("f-5", () -> {})).contains("event: reset").doesNotContain("event: egress");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Thread reader = serve(other.join("f-266").orElseThrow(), out);
    other.close();
    assertThat(reader.join(Duration.ofSeconds(5))).isTrue();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("event: reset");
  }

  @Test
  void aSlowClientIsLetGoAndHurtsNobodyElse() throws Exception {
    CountDownLatch stuck = new CountDownLatch(1);
    OutputStream wall =
        new OutputStream() {
          @Override
          public void write(int one) throws IOException {
            try {
              stuck.await();
            } catch (InterruptedException stopped) {
              throw new IOException(stopped);
            }
          }
        };
    Thread slow = serve(feed.join("").orElseThrow(), wall);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Thread quick = serve(feed.join("").orElseThrow(), out);

    for (int i = 0; i < LiveFeed.MAILBOX + 2; i++) {
      int number = i;
      feed.publish("egress", "n" + number);
      Awaitility.await()
          .pollInterval(Duration.ofMillis(1))
          .until(() -> out.toString(StandardCharsets.UTF_8).contains("n" + number + "\n"));
    }

    assertThat(feed.dropped()).isEqualTo(1);
    assertThat(feed.clients()).isEqualTo(1);
    stuck.countDown();
    assertThat(slow.join(Duration.ofSeconds(5))).isTrue();
    feed.close();
    assertThat(quick.join(Duration.ofSeconds(5))).isTrue();
  }

  @Test
  void tooManyClientsAreTurnedAway() {
    assertThat(feed.join("")).isPresent();
    assertThat(feed.join("")).isPresent();
    assertThat(feed.join("")).isEmpty();
    assertThat(feed.refused()).isEqualTo(1);
  }
}
