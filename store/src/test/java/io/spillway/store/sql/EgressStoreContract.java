package io.spillway.store.sql;

import static io.spillway.protocol.livekit.EgressStatus.EGRESS_ACTIVE;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_COMPLETE;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_ENDING;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_FAILED;
import static io.spillway.protocol.livekit.EgressStatus.EGRESS_STARTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.spillway.core.time.SimulatedTime;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.FileInfo;
import io.spillway.store.Applied;
import io.spillway.store.DuplicateEgressException;
import io.spillway.store.EgressStore;
import io.spillway.store.ListQuery;
import io.spillway.store.NewEgress;
import io.spillway.store.Page;
import io.spillway.store.StatusUpdate;
import io.spillway.store.StoredEgress;
import io.spillway.store.TimelineEntry;
import io.spillway.store.UnknownEgressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every store must do, whatever database it stands on. */
abstract class EgressStoreContract {
  final SimulatedTime time = new SimulatedTime();

  /** The store under test, empty at the start of each test. */
  abstract EgressStore store();

  /** Closes the store under test and opens it again on the same data. */
  abstract EgressStore reopened();

  static EgressInfo info(String id, String room, EgressStatus status) {
    return EgressInfo.newBuilder().setEgressId(id).setRoomName(room).setStatus(status).build();
  }

  static StatusUpdate update(String id, EgressStatus status, int epoch, long sequence) {
    return new StatusUpdate(info(id, "room", status), epoch, sequence, "ND_a", "");
  }

  void create(String id, String room) {
    time.advance(Duration.ofMillis(1));
    store().create(new NewEgress(info(id, room, EGRESS_STARTING), ByteString.copyFromUtf8("seal")));
  }

  @Test
  void aNewEgressIsFoundAsItWasStoredAlsoAfterARestart() {
    create("EG_1", "room");
    StoredEgress found = reopened().find("EG_1").orElseThrow();
    assertThat(found)
        .isEqualTo(
            new StoredEgress(
                info("EG_1", "room", EGRESS_STARTING),
                1,
                0,
                "",
                "",
                time.unixNanos(),
                time.unixNanos(),
                "",
                ByteString.copyFromUtf8("seal")));
    assertThat(store().find("EG_2")).isEmpty();
  }

  @Test
  void anIdIsStoredOnce() {
    create("EG_1", "room");
    assertThatThrownBy(() -> create("EG_1", "other"))
        .isInstanceOf(DuplicateEgressException.class)
        .hasMessageContaining("EG_1");
    assertThat(store().find("EG_1").orElseThrow().info().getRoomName()).isEqualTo("room");
    assertThat(store().timeline("EG_1")).hasSize(1);
  }

  @Test
  void aReportReplacesTheInfoAndIsSeenAfterwards() {
    create("EG_1", "room");
    EgressInfo ended =
        info("EG_1", "room", EGRESS_COMPLETE).toBuilder()
            .addFileResults(FileInfo.newBuilder().setFilename("a.ogg").setSize(7))
            .build();
    assertThat(store().apply(update("EG_1", EGRESS_ACTIVE, 1, 1))).isEqualTo(Applied.ACCEPTED);
    assertThat(store().apply(new StatusUpdate(ended, 1, 2, "ND_a", "Source closed")))
        .isEqualTo(Applied.ACCEPTED);
    StoredEgress found = reopened().find("EG_1").orElseThrow();
    assertThat(found.info()).isEqualTo(ended);
    assertThat(found.sequence()).isEqualTo(2);
    assertThat(found.node()).isEqualTo("ND_a");
  }

  @Test
  void refusedReportsChangeNothingAndAreCountedByKind() {
    create("EG_1", "room");
    store().fence("EG_1", "node lost");
    store().apply(update("EG_1", EGRESS_ENDING, 2, 5));
    StoredEgress before = store().find("EG_1").orElseThrow();

    assertThat(store().apply(update("EG_1", EGRESS_COMPLETE, 1, 9))).isEqualTo(Applied.OLD_EPOCH);
    assertThat(store().apply(update("EG_1", EGRESS_COMPLETE, 2, 5)))
        .isEqualTo(Applied.OLD_SEQUENCE);
    assertThat(store().apply(update("EG_1", EGRESS_ACTIVE, 2, 6))).isEqualTo(Applied.BACKWARD);
    assertThat(store().apply(update("EG_9", EGRESS_ACTIVE, 1, 1)))
        .isEqualTo(Applied.UNKNOWN_EGRESS);
    assertThat(store().find("EG_1")).contains(before);
    store().apply(update("EG_1", EGRESS_COMPLETE, 2, 6));
    assertThat(store().apply(update("EG_1", EGRESS_FAILED, 2, 7))).isEqualTo(Applied.ALREADY_FINAL);
    assertThat(store().find("EG_1").orElseThrow().info().getStatus()).isEqualTo(EGRESS_COMPLETE);

    assertThat(store().counts()).containsOnlyKeys(Applied.values());
    assertThat(store().counts())
        .containsEntry(Applied.ACCEPTED, 2L)
        .containsEntry(Applied.OLD_EPOCH, 1L)
        .containsEntry(Applied.OLD_SEQUENCE, 1L)
        .containsEntry(Applied.BACKWARD, 1L)
        .containsEntry(Applied.ALREADY_FINAL, 1L)
        .containsEntry(Applied.UNKNOWN_EGRESS, 1L);
  }

  @Test
  void aFenceTakesTheEgressFromItsNode() {
    create("EG_1", "room");
    store().apply(update("EG_1", EGRESS_ACTIVE, 1, 3));
    assertThat(store().fence("EG_1", "lease ran out")).isEqualTo(2);
    StoredEgress fenced = store().find("EG_1").orElseThrow();
    assertThat(fenced.epoch()).isEqualTo(2);
    assertThat(fenced.sequence()).isZero();
    assertThat(fenced.node()).isEmpty();
    assertThat(store().apply(update("EG_1", EGRESS_ACTIVE, 2, 1))).isEqualTo(Applied.ACCEPTED);
    assertThat(store().fence("EG_1", "again")).isEqualTo(3);
    assertThatThrownBy(() -> store().fence("EG_9", "x"))
        .isInstanceOf(UnknownEgressException.class)
        .hasMessageContaining("EG_9");
  }

  @Test
  void twoNodesThatBeginUnderOneEpochAreToldApart() {
    create("EG_1", "room");
    assertThat(store().apply(begins("ND_a", 5))).isEqualTo(Applied.ACCEPTED);
    assertThat(store().apply(begins("ND_b", 6))).isEqualTo(Applied.OLD_EPOCH);
    assertThat(store().apply(begins("ND_a", 7))).isEqualTo(Applied.ACCEPTED);
    assertThat(store().apply(begins("", 8))).isEqualTo(Applied.ACCEPTED);
  }

  private static StatusUpdate begins(String node, long sequence) {
    return new StatusUpdate(info("EG_1", "room", EGRESS_STARTING), 1, sequence, node, "", "", true);
  }

  @Test
  void whatIsHandedToANodeIsItsOwnInOneStep() {
    create("EG_1", "room");
    store().apply(update("EG_1", EGRESS_ACTIVE, 1, 3));
    StoredEgress seen = store().find("EG_1").orElseThrow();
    assertThat(store().handTo(seen, 1, "ND_b", "eu", "restarted")).contains(2);
    StoredEgress handed = store().find("EG_1").orElseThrow();
    assertThat(handed.node()).isEqualTo("ND_b");
    assertThat(handed.region()).isEqualTo("eu");
    assertThat(handed.sequence()).isPositive();
    assertThat(handed.info().getStatus()).isEqualTo(EGRESS_ACTIVE);
    assertThat(store().handTo(seen, 1, "ND_c", "", "late")).isEmpty();
    assertThat(store().handTo(handed, 7, "ND_d", "", "the store is behind")).contains(8);
    store().apply(update("EG_1", EGRESS_COMPLETE, 8, 9));
    StoredEgress over = store().find("EG_1").orElseThrow();
    assertThat(store().handTo(over, 8, "ND_e", "", "ended")).isEmpty();
  }

  private static StatusUpdate withFiles(
      EgressStatus status, int epoch, long sequence, String... locations) {
    EgressInfo.Builder info = info("EG_1", "room", status).toBuilder().setRetryCount(epoch - 1);
    info.setStartedAt(epoch * 100L);
    for (String location : locations) {
      info.addFileResults(
          FileInfo.newBuilder()
              .setFilename(location)
              .setLocation(location)
              .setStartedAt(epoch * 100L)
              .setDuration(epoch)
              .setSize(7));
    }
    return new StatusUpdate(info.build(), epoch, sequence, "ND_" + epoch, "");
  }

  private List<String> files() {
    return store().find("EG_1").orElseThrow().info().getFileResultsList().stream()
        .map(FileInfo::getLocation)
        .toList();
  }

  @Test
  void aRecorderThatCameTooLateToRecordAnythingListsNoFile() {
    create("EG_1", "room");
    store().apply(withFiles(EGRESS_ACTIVE, 1, 1, "/a.ogg"));
    assertThat(store().fenceFrom("EG_1", 1, "CT_a", "node lost")).contains(2);
    store().apply(withFiles(EGRESS_COMPLETE, 2, 1, ""));
    assertThat(files()).containsExactly("/a.ogg");
  }

  @Test
  void aRecorderThatGoesOnKeepsTheFilesOfTheOneBeforeIt() {
    create("EG_1", "room");
    store().apply(withFiles(EGRESS_ACTIVE, 1, 1, "/a.ogg"));
    assertThat(store().fenceFrom("EG_1", 1, "CT_a", "node lost")).contains(2);
    store().apply(withFiles(EGRESS_ACTIVE, 2, 1));
    store().apply(withFiles(EGRESS_ACTIVE, 2, 2, "/b.ogg"));
    assertThat(files()).containsExactly("/a.ogg", "/b.ogg");
    assertThat(store().fenceFrom("EG_1", 2, "CT_a", "node lost")).contains(3);
    assertThat(store().apply(withFiles(EGRESS_COMPLETE, 3, 1, "/c.ogg")))
        .isEqualTo(Applied.ACCEPTED);
    EgressInfo over = store().find("EG_1").orElseThrow().info();
    assertThat(files()).containsExactly("/a.ogg", "/b.ogg", "/c.ogg");
    assertThat(over.getStartedAt()).isEqualTo(100);
    assertThat(over.getDetails()).isEqualTo("recovered in 3 parts");
  }

  @Test
  void oneNodesOwnFilesAreWhatItSaysLast() {
    create("EG_1", "room");
    store().apply(withFiles(EGRESS_ACTIVE, 1, 1, "/a.ogg", "/a-1.ogg"));
    store().apply(withFiles(EGRESS_COMPLETE, 1, 2, "/a.ogg"));
    assertThat(files()).containsExactly("/a.ogg");
  }

  @Test
  void aPartThatComesLateIsListedUnderTheEndThatStands() {
    create("EG_1", "room");
    store().apply(withFiles(EGRESS_ACTIVE, 1, 1));
    assertThat(store().fenceFrom("EG_1", 1, "CT_a", "node lost")).contains(2);
    store().apply(withFiles(EGRESS_COMPLETE, 2, 1, "/b.ogg"));
    assertThat(store().apply(withFiles(EGRESS_FAILED, 1, 9, "/a.ogg", "/b.ogg")))
        .isEqualTo(Applied.ACCEPTED);
    StoredEgress over = store().find("EG_1").orElseThrow();
    assertThat(files()).containsExactly("/a.ogg", "/b.ogg");
    assertThat(over.info().getStatus()).isEqualTo(EGRESS_COMPLETE);
    assertThat(over.epoch()).isEqualTo(2);
    assertThat(over.node()).isEqualTo("ND_2");
    assertThat(store().apply(withFiles(EGRESS_FAILED, 1, 10, "/a.ogg")))
        .isEqualTo(Applied.OLD_EPOCH);
  }

  @Test
  void aPartOfAnEarlierRecorderIsListedWhileAnotherOneGoesOn() {
    create("EG_1", "room");
    store().apply(withFiles(EGRESS_ACTIVE, 1, 1));
    assertThat(store().fenceFrom("EG_1", 1, "CT_a", "node lost")).contains(2);
    store().apply(withFiles(EGRESS_ACTIVE, 2, 1));
    assertThat(store().apply(withFiles(EGRESS_FAILED, 1, 9, "/a.ogg"))).isEqualTo(Applied.ACCEPTED);
    assertThat(store().find("EG_1").orElseThrow().info().getStatus()).isEqualTo(EGRESS_ACTIVE);
    store().apply(withFiles(EGRESS_COMPLETE, 2, 2, "/b.ogg"));
    assertThat(files()).containsExactly("/a.ogg", "/b.ogg");
  }

  @Test
  void theRegionThatWasWishedForIsKnownBeforeANodeIs() {
    store()
        .create(
            new NewEgress(
                info("EG_1", "room", EGRESS_STARTING), ByteString.EMPTY, "CT_a", "eu-west"));
    assertThat(store().find("EG_1").orElseThrow().region()).isEqualTo("eu-west");
  }

  @Test
  void theTimelineTellsEachStepButNotEachReport() {
    create("EG_1", "room");
    long created = time.unixNanos();
    time.advance(Duration.ofSeconds(1));
    store().apply(update("EG_1", EGRESS_ACTIVE, 1, 1));
    store().apply(update("EG_1", EGRESS_ACTIVE, 1, 2));
    store()
        .apply(
            new StatusUpdate(info("EG_1", "room", EGRESS_ACTIVE), 1, 3, "ND_a", "stream retried"));
    store().fence("EG_1", "node lost");
    store().apply(update("EG_1", EGRESS_ACTIVE, 2, 1));
    long later = time.unixNanos();
    assertThat(store().timeline("EG_1"))
        .containsExactly(
            new TimelineEntry(created, EGRESS_STARTING, 1, "", "created"),
            new TimelineEntry(later, EGRESS_ACTIVE, 1, "ND_a", ""),
            new TimelineEntry(later, EGRESS_ACTIVE, 1, "ND_a", "stream retried"),
            new TimelineEntry(later, EGRESS_ACTIVE, 2, "", "node lost"),
            new TimelineEntry(later, EGRESS_ACTIVE, 2, "ND_a", ""));
    assertThat(store().timeline("EG_9")).isEmpty();
  }

  @Test
  void pagesRunFromNewestToOldestWhileNewOnesArrive() {
    for (int i = 0; i < 7; i++) {
      create("EG_" + i, "room");
    }
    Page first = store().list(ListQuery.all().atMost(3));
    create("EG_new", "room");
    Page second = store().list(ListQuery.all().atMost(3).from(first.nextToken().orElseThrow()));
    Page third = store().list(ListQuery.all().atMost(3).from(second.nextToken().orElseThrow()));
    assertThat(ids(first)).containsExactly("EG_6", "EG_5", "EG_4");
    assertThat(ids(second)).containsExactly("EG_3", "EG_2", "EG_1");
    assertThat(ids(third)).containsExactly("EG_0");
    assertThat(third.nextToken()).isEmpty();
    assertThatThrownBy(() -> store().list(ListQuery.all().from("../../etc")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("page_token");
  }

  @Test
  void pagesMissNoneOfManyStoredAtTheSameInstant() {
    for (int i = 0; i < 10; i++) {
      store().create(new NewEgress(info("EG_" + i, "r", EGRESS_STARTING), ByteString.EMPTY));
    }
    List<String> seen = new ArrayList<>();
    ListQuery query = ListQuery.all().atMost(4);
    Page page = store().list(query);
    seen.addAll(ids(page));
    while (page.nextToken().isPresent()) {
      page = store().list(query.from(page.nextToken().get()));
      seen.addAll(ids(page));
    }
    assertThat(seen).hasSize(10).doesNotHaveDuplicates();
  }

  @Test
  void listsAreFilteredByRoomIdAndActivity() {
    create("EG_1", "blue");
    create("EG_2", "red");
    create("EG_3", "blue");
    store().apply(new StatusUpdate(info("EG_3", "", EGRESS_COMPLETE), 1, 1, "ND_a", ""));
    assertThat(ids(store().list(ListQuery.all().inRoom("blue")))).containsExactly("EG_3", "EG_1");
    assertThat(ids(store().list(ListQuery.all().inRoom("blue").onlyActive())))
        .containsExactly("EG_1");
    assertThat(ids(store().list(ListQuery.all().withId("EG_2")))).containsExactly("EG_2");
    assertThat(ids(store().list(ListQuery.all().inRoom("b%")))).isEmpty();
    assertThat(store().unfinished().stream().map(egress -> egress.info().getEgressId()))
        .containsExactly("EG_1", "EG_2");
  }

  @Test
  void hostileTextIsStoredWithoutHarm() {
    String room = "'; DROP TABLE egress; -- \0 \n é 😀 :id ?";
    create("EG_1", room);
    store().apply(new StatusUpdate(info("EG_1", room, EGRESS_ACTIVE), 1, 1, "N\0D", "why\0 :x ?"));
    assertThat(ids(store().list(ListQuery.all().inRoom(room)))).containsExactly("EG_1");
    assertThat(store().find("EG_1").orElseThrow().info().getRoomName()).isEqualTo(room);
    assertThat(store().find("EG_\0")).isEmpty();
  }

  @Test
  void theSealedRequestGoesWithTheEndAndNotBefore() {
    create("EG_1", "room");
    store().apply(update("EG_1", EGRESS_ACTIVE, 1, 1));
    store().fence("EG_1", "another try");
    store().apply(update("EG_1", EGRESS_ENDING, 2, 1));
    assertThat(store().find("EG_1").orElseThrow().sealedRequest())
        .isEqualTo(ByteString.copyFromUtf8("seal"));
    store().apply(update("EG_1", EGRESS_FAILED, 1, 9)); // an old epoch ends nothing
    assertThat(store().find("EG_1").orElseThrow().sealedRequest()).isNotEqualTo(ByteString.EMPTY);
    store().apply(update("EG_1", EGRESS_COMPLETE, 2, 2));
    StoredEgress found = reopened().find("EG_1").orElseThrow();
    assertThat(found.sealedRequest()).isEqualTo(ByteString.EMPTY);
    assertThat(found.info().getStatus()).isEqualTo(EGRESS_COMPLETE);
  }

  @Test
  void onlyWhatEndedLongAgoIsForgottenWithItsTimeline() {
    for (int i = 0; i < 5; i++) {
      create("EG_old" + i, "room");
      store().apply(update("EG_old" + i, EGRESS_COMPLETE, 1, 1));
    }
    create("EG_runs", "room");
    store().apply(update("EG_runs", EGRESS_ACTIVE, 1, 1));
    time.advance(Duration.ofDays(1));
    long before = time.unixNanos();
    create("EG_new", "room");
    store().apply(update("EG_new", EGRESS_FAILED, 1, 1));

    assertThat(store().forgetEnded(before, 3)).isEqualTo(3);
    assertThat(ids(store().list(ListQuery.all())))
        .containsExactly("EG_new", "EG_runs", "EG_old4", "EG_old3");
    assertThat(store().forgetEnded(before, 3)).isEqualTo(2);
    assertThat(store().forgetEnded(before, 3)).isZero();
    assertThat(ids(store().list(ListQuery.all()))).containsExactly("EG_new", "EG_runs");
    assertThat(store().timeline("EG_old0")).isEmpty();
    assertThat(store().timeline("EG_runs")).hasSize(2);
  }

  @Test
  void ofManyReportersAtOnceTheHighestSequenceStaysAndNoneBreaks() throws Exception {
    create("EG_1", "room");
    List<Callable<Applied>> calls =
        IntStream.rangeClosed(1, 200)
            .mapToObj(
                i -> (Callable<Applied>) () -> store().apply(update("EG_1", EGRESS_ACTIVE, 1, i)))
            .toList();
    List<Applied> verdicts = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Applied> verdict : callers.invokeAll(calls)) {
        verdicts.add(verdict.get());
      }
    }
    assertThat(verdicts)
        .contains(Applied.ACCEPTED)
        .isSubsetOf(Applied.ACCEPTED, Applied.OLD_SEQUENCE);
    assertThat(store().find("EG_1").orElseThrow().sequence()).isEqualTo(200);
    assertThat(store().counts().values().stream().mapToLong(n -> n).sum()).isEqualTo(200);
  }

  @Test
  void ofManyWhoFenceAtOnceEachGetsAnEpochOfItsOwn() throws Exception {
    create("EG_1", "room");
    List<Callable<Integer>> calls =
        IntStream.range(0, 10)
            .mapToObj(i -> (Callable<Integer>) () -> store().fence("EG_1", "caller " + i))
            .toList();
    List<Integer> epochs = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Integer> epoch : callers.invokeAll(calls)) {
        epochs.add(epoch.get());
      }
    }
    assertThat(epochs).doesNotHaveDuplicates().contains(2, 11).hasSize(10);
  }

  private static List<String> ids(Page page) {
    return page.egresses().stream().map(EgressInfo::getEgressId).toList();
  }
}
