package io.spillway.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Empty;
import io.spillway.core.time.SystemTime;
import io.spillway.core.trace.TraceKeys;
import io.spillway.node.admission.MachineMeter;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import io.spillway.protocol.livekit.StopEgressRequest;
import io.spillway.protocol.livekit.TrackEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressRequest;
import io.spillway.protocol.rpc.ListActiveEgressResponse;
import io.spillway.protocol.rpc.StartEgressRequest;
import io.spillway.rpc.EgressServices;
import io.spillway.rpc.MessageBus;
import io.spillway.rpc.RpcClient;
import io.spillway.rpc.RpcClient.CallOptions;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import io.spillway.rpc.RpcMetrics;
import io.spillway.rpc.RpcServer.Context;
import io.spillway.rpc.bus.MemoryBus;
import io.spillway.rpc.client.ClientLimits;
import io.spillway.rpc.client.PsrpcClient;
import io.spillway.rpc.server.PsrpcServer;
import io.spillway.rpc.server.ServerLimits;
import io.spillway.rtc.RtcEngine;
import io.spillway.rtc.RtcSettings;
import io.spillway.storage.journal.FileJournalDisk;
import io.spillway.storage.journal.JournalSettings;
import io.spillway.storage.journal.StatusJournal;
import io.spillway.storage.seal.Seal;
import io.spillway.storage.seal.SealKeys;
import io.spillway.storage.spool.Part;
import io.spillway.storage.spool.Spool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole node on a memory bus, asked as a controller asks. Its SFU takes connections and never
 * answers, so that what was started stays STARTING for as long as a test needs.
 */
final class NodeTest {
  private static final String NODE = "NE_test";
  private static final CallOptions OPTIONS = CallOptions.within(Duration.ofSeconds(5));

  @TempDir private Path folder;
  private final SystemTime time = new SystemTime();
  private final SecureRandom random = new SecureRandom();
  private final RpcMetrics metrics = new RpcMetrics();
  private final MemoryBus bus = new MemoryBus(metrics);
  private final AtomicBoolean refusesHandlers = new AtomicBoolean();
  private final AtomicBoolean refusesCreates = new AtomicBoolean();
  private final Queue<Socket> joins = new ConcurrentLinkedQueue<>();
  private final Queue<Map<String, String>> told = new ConcurrentLinkedQueue<>();
  private final Map<String, EgressInfo> newest = new ConcurrentHashMap<>();
  private ServerSocket sfu;
  private RtcEngine rtc;
  private Node node;
  private RpcClient starts;
  private RpcClient stops;
  private PsrpcServer statuses;

  @BeforeEach
  void open() throws IOException {
    sfu = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
    rtc = new RtcEngine(RtcSettings.defaults(), time, random);
    node = nodeOn(folder.resolve("data"));
    statuses =
        new PsrpcServer(
            bus, EgressServices.IO_INFO, "CO_1", time, ServerLimits.defaults(), metrics);
    statuses.serve(EgressServices.CREATE_EGRESS, "", this::created);
    statuses.serve(EgressServices.UPDATE_EGRESS, "", this::told);
    statuses.serve(EgressServices.GET_EGRESS, "", (request, _) -> active(request.getEgressId()));
    node.start();
    starts = client(EgressServices.EGRESS_INTERNAL);
    stops = client(EgressServices.EGRESS_HANDLER);
  }

  @AfterEach
  void close() throws Exception {
    node.shutDown(Duration.ofSeconds(5));
    starts.close();
    stops.close();
    node.close();
    statuses.close(Duration.ofSeconds(1));
    rtc.close();
    bus.close();
    sfu.close();
    for (Socket join : joins) {
      join.close();
    }
    time.close();
  }

  /** A bus that takes no new handler of an egress while it is told to refuse. */
  private record Refusing(MessageBus real, AtomicBoolean refuses) implements MessageBus {
    @Override
    public void publish(String channel, byte[] payload) {
      real.publish(channel, payload);
    }

    @Override
    public Subscription subscribe(String channel, boolean queue, Receiver receiver) {
      if (refuses.get() && channel.contains("EG_")) {
        throw new RpcException(RpcCode.UNAVAILABLE, "the bus is away");
      }
      return real.subscribe(channel, queue, receiver);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  private RpcClient client(String service) {
    return new PsrpcClient(bus, service, time, new Random(1), ClientLimits.defaults(), metrics);
  }

  private void accept() {
    while (!sfu.isClosed()) {
      try {
        joins.add(sfu.accept());
      } catch (IOException closed) {
        return;
      }
    }
  }

  private Node nodeOn(Path data) {
    return nodeOn(settings(data, NODE));
  }

  private NodeSettings settings(Path data, String id) {
    return NodeSettings.defaults(
        id,
        "ws://127.0.0.1:" + sfu.getLocalPort(),
        "key",
        "a secret that is long enough for HS256",
        data);
  }

  private static NodeSettings underLiveKit(NodeSettings alone) {
    return new NodeSettings(
        alone.nodeId(),
        alone.clusterId(),
        alone.serverUrl(),
        alone.apiKey(),
        alone.apiSecret(),
        alone.data(),
        alone.storagePrefix(),
        alone.outputRoots(),
        alone.disallowLocalStorage(),
        alone.minFreeDiskBytes(),
        alone.maxFileDuration(),
        alone.maxFileBytes(),
        alone.subscribeTimeout(),
        alone.rejoinWindow(),
        alone.followWindow(),
        alone.mp4FastStart(),
        alone.spoolSync(),
        alone.costs(),
        RpcConduct.underLiveKit(true));
  }

  private Node nodeOn(NodeSettings settings) {
    return new Node(
        settings,
        new Node.Parts(
            new Refusing(bus, refusesHandlers),
            metrics,
            rtc,
            () -> new MachineMeter.Reading(2, 0, 0, 0),
            _ -> Long.MAX_VALUE,
            _ -> true,
            time,
            random,
            random,
            ZoneOffset.UTC));
  }

  private Empty created(EgressInfo status, Context context) {
    if (refusesCreates.get()) {
      throw new RpcException(RpcCode.ALREADY_EXISTS, "it is there already");
    }
    return told(status, context);
  }

  private Empty told(EgressInfo status, Context context) {
    told.add(context.metadata());
    newest.put(status.getEgressId(), status);
    return Empty.getDefaultInstance();
  }

  private static EgressInfo active(String egressId) {
    return EgressInfo.newBuilder()
        .setEgressId(egressId)
        .setStatus(EgressStatus.EGRESS_ACTIVE)
        .build();
  }

  /** What a kill -9 leaves of a recording whose stop waits in the journal. */
  private void leaveStopped(Path data, String egressId) throws Exception {
    Files.createDirectories(data);
    SealKeys keys = SealKeys.ofFile(data.resolve("secrets.key"), random);
    try (Spool spool = Spool.open(data.resolve("spool"), new Seal(keys, random))) {
      spool.create(
          Part.begun(
              egressId,
              1,
              new Part.Room("RM_1", "room", "ws://127.0.0.1:" + sfu.getLocalPort()),
              new Part.Track("TR_1", "audio", "microphone", "audio/opus", "alice"),
              Part.File.begun(data.resolve("a.ogg").toString(), "a.ogg", false, 1)),
          request(egressId).toByteArray());
    }
    try (StatusJournal journal =
        StatusJournal.open(
            new FileJournalDisk(data.resolve("status.journal")),
            JournalSettings.standard(),
            time)) {
      EgressInfo ending =
          active(egressId).toBuilder()
              .setStatus(EgressStatus.EGRESS_ENDING)
              .setDetails("End reason: StopEgress API")
              .setUpdatedAt(time.unixNanos())
              .build();
      var _ = journal.append(egressId, 1, ending.toByteArray(), false);
    }
  }

  @Test
  void whatWasStoppedBeforeAKillIsNotRevivedByTheNextProcess() throws Exception {
    Path data = folder.resolve("killed");
    leaveStopped(data, "EG_stopped");
    try (Node again = nodeOn(data)) {
      again.start();
      await().until(() -> newest.containsKey("EG_stopped") && again.drain(Duration.ZERO));
      EgressInfo last = Objects.requireNonNull(newest.get("EG_stopped"));
      // of the file nothing was left
      assertThat(last.getStatus()).as("%s", last).isEqualTo(EgressStatus.EGRESS_FAILED);
      assertThat(last.getErrorCode()).isEqualTo(412);
      assertThat(last.getDetails()).isEqualTo("End reason: StopEgress API");
      assertThat(joins).isEmpty();
    }
  }

  private EgressInfo start(String egressId) {
    return start(egressId, OPTIONS);
  }

  private EgressInfo start(String egressId, CallOptions options) {
    return starts.call(EgressServices.START_EGRESS, NODE, request(egressId), options);
  }

  private StartEgressRequest request(String egressId) {
    return StartEgressRequest.newBuilder()
        .setEgressId(egressId)
        .setRoomId("RM_1")
        .setTrack(
            TrackEgressRequest.newBuilder()
                .setRoomName("room")
                .setTrackId("TR_1")
                .setFile(
                    DirectFileOutput.newBuilder()
                        .setFilepath(folder.resolve("out/" + egressId).toString())))
        .build();
  }

  private EgressInfo stop(String egressId) {
    return stops.call(
        EgressServices.STOP_EGRESS,
        egressId,
        StopEgressRequest.newBuilder().setEgressId(egressId).build(),
        OPTIONS);
  }

  private List<String> active() {
    List<String> ids = new ArrayList<>();
    for (ListActiveEgressResponse answer :
        starts.callAll(
            EgressServices.LIST_ACTIVE_EGRESS,
            "",
            ListActiveEgressRequest.getDefaultInstance(),
            CallOptions.within(Duration.ofMillis(300)))) {
      ids.addAll(answer.getEgressIdsList());
    }
    return ids;
  }

  @Test
  void manyStartsWithOneIdAreOneRecordingWithOneAnswer() throws Exception {
    List<Future<EgressInfo>> answers;
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<EgressInfo>> calls = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        calls.add(() -> start("EG_same"));
      }
      answers = threads.invokeAll(calls, 20, TimeUnit.SECONDS);
    }
    for (Future<EgressInfo> answer : answers) {
      assertThat(answer.get().getEgressId()).isEqualTo("EG_same");
      assertThat(answer.get().getStatus()).isEqualTo(EgressStatus.EGRESS_STARTING);
      assertThat(answer.get().getStartedAt()).isPositive();
    }
    assertThat(active()).containsExactly("EG_same");
    assertThat(joins).hasSizeLessThanOrEqualTo(1);
  }

  @Test
  void underLiveKitARefusedStatusCostsNoRecording() throws Exception {
    refusesCreates.set(true);
    try (Node other = nodeOn(underLiveKit(settings(folder.resolve("other"), "NE_other")))) {
      other.start();
      var _ = starts.call(EgressServices.START_EGRESS, "NE_other", request("EG_1"), OPTIONS);
      assertThat(other.statusesWaiting()).isPositive();

      refusesCreates.set(false);
      await().until(() -> newest.containsKey("EG_1"));
      assertThat(Objects.requireNonNull(newest.get("EG_1")).getStatus())
          .isEqualTo(EgressStatus.EGRESS_STARTING);
      assertThat(other.statuses()).hasSize(1);
      other.shutDown(Duration.ofSeconds(5));
    }
  }

  @Test
  void aStartThatTheBusRefusedLeavesNothingBehindAndMayBeRepeated() {
    refusesHandlers.set(true);
    assertThatThrownBy(() -> start("EG_again"))
        .isInstanceOfSatisfying(
            RpcException.class, e -> assertThat(e.code()).isEqualTo(RpcCode.UNAVAILABLE));
    assertThat(folder.resolve("data/spool/EG_again")).doesNotExist();
    assertThat(active()).isEmpty();

    refusesHandlers.set(false);
    assertThat(start("EG_again").getStatus()).isEqualTo(EgressStatus.EGRESS_STARTING);
    assertThat(folder.resolve("data/spool/EG_again/1")).isDirectory();
  }

  @Test
  void aStartRepeatedAfterTheEndAnswersTheEndAndRecordsNothing() throws Exception {
    start("EG_1");
    stop("EG_1");
    assertThat(node.drain(Duration.ofSeconds(10))).isTrue(); // it has ended

    assertThat(start("EG_1").getStatus()).isEqualTo(EgressStatus.EGRESS_ABORTED);
    assertThat(active()).isEmpty();
    assertThatThrownBy(() -> stop("EG_1")).isInstanceOf(RpcException.class);
  }

  @Test
  void aDrainingNodeTakesNothingNewAndLetsGoOnWhatItHas() throws Exception {
    start("EG_before");
    assertThat(node.drain(Duration.ZERO)).isFalse();

    assertThatThrownBy(() -> start("EG_late"))
        .isInstanceOfSatisfying(
            RpcException.class, e -> assertThat(e.code()).isEqualTo(RpcCode.FAILED_PRECONDITION))
        .hasMessageContaining("draining");
    assertThat(node.isDraining()).isTrue();
    assertThat(active()).containsExactly("EG_before");
    assertThat(start("EG_before").getStatus()).isEqualTo(EgressStatus.EGRESS_STARTING); // its own

    assertThat(stop("EG_before").getEgressId()).isEqualTo("EG_before");
    assertThat(node.drain(Duration.ofSeconds(10))).isTrue();
    assertThat(active()).isEmpty();
  }

  /** Start, refused repetition, stop, end: on the threads of RPC, disk, reports and media. */
  @Test
  void eachLogLineAndReportOfAStartSaysWhoseItIs() throws Exception {
    CallOptions asked = OPTIONS.withMetadata(Map.of(TraceKeys.META_REQUEST, "REQ_1"));
    try (LogLines lines = LogLines.of("io.spillway")) {
      start("EG_1", asked);
      await().until(() -> !joins.isEmpty());
      stops.call(
          EgressServices.STOP_EGRESS,
          "EG_1",
          StopEgressRequest.newBuilder().setEgressId("EG_1").build(),
          asked);
      assertThat(node.drain(Duration.ofSeconds(10))).isTrue();
      await().until(() -> told.size() >= 2); // STARTING, ABORTED

      Map<String, String> wanted =
          Map.of(
              TraceKeys.LOG_REQUEST, "REQ_1",
              TraceKeys.LOG_EGRESS, "EG_1",
              TraceKeys.LOG_EPOCH, "1",
              TraceKeys.LOG_NODE, NODE,
              TraceKeys.LOG_ROOM_SID, "RM_1");
      assertThat(lines.texts())
          .contains("request done", "subscription ended", "subscription moves on");
      // the draining is the node's own
      assertThat(lines.except("draining: no new egress is taken"))
          .allSatisfy(fields -> assertThat(fields).containsAllEntriesOf(wanted));
    }
    assertThat(told)
        .allSatisfy(sent ->
            assertThat(sent)
                .containsEntry(TraceKeys.META_REQUEST, "REQ_1")
                .containsEntry(TraceKeys.META_EGRESS, "EG_1")
                .containsEntry(TraceKeys.META_EPOCH, "1")
                .containsEntry(TraceKeys.META_NODE, NODE)
                .containsEntry(TraceKeys.META_ROOM_SID, "RM_1"));
  }

  @Test
  void theLineOfARefusalSaysWhoseItIs() {
    CallOptions asked = OPTIONS.withMetadata(Map.of(TraceKeys.META_REQUEST, "REQ_2"));
    try (LogLines lines = LogLines.of("io.spillway.node.request")) {
      assertThatThrownBy(() -> start("", asked)).isInstanceOf(RpcException.class);
      await().until(() -> lines.texts().contains("request refused"));
      assertThat(lines.except(""))
          .allSatisfy(fields ->
              assertThat(fields)
                  .containsEntry(TraceKeys.LOG_REQUEST, "REQ_2")
                  .containsEntry(TraceKeys.LOG_NODE, NODE)
                  .containsEntry(TraceKeys.LOG_ROOM_SID, "RM_1"));
    }
  }
}
