package io.spillway.controller.dispatch;

import com.google.protobuf.InvalidProtocolBufferException;
import io.spillway.core.http.WholeExchange;
import io.spillway.core.time.Deadline;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.TokenSigner;
import io.spillway.rpc.RpcCode;
import io.spillway.rpc.RpcException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import livekit.LivekitModels;
import livekit.LivekitRoom;

/**
 * Asks livekit-server's RoomService. A room that was found is believed for a second, and whoever
 * asks for a room that is being asked for waits for that answer: two hundred starts in one room
 * cost one look-up. Rooms that were not found are asked for again, because a client may create one
 * at any moment.
 */
public final class LiveKitRooms implements RoomDirectory, AutoCloseable {
  private static final long BELIEVED_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int MOST_REMEMBERED = 10_000;
  private static final Duration CONNECT_WAIT = Duration.ofSeconds(2);

  /** From the connection to the end of the answer: what is asked ends, whatever the server does. */
  private static final Duration ANSWER_WAIT = Duration.ofSeconds(5);

  private static final int TRIES = 2;
  private static final int LONGEST_QUOTE = 200;

  private final URI listRooms;
  private final TokenSigner tokens;
  private final TimeSource time;
  private final HttpClient http;
  private final ConcurrentHashMap<String, Asked> asked = new ConcurrentHashMap<>();

  /**
   * Nothing is sent before the first question.
   *
   * @param server {@code http(s)://} or {@code ws(s)://} address of livekit-server
   */
  public LiveKitRooms(URI server, TokenSigner tokens, TimeSource time) {
    this.listRooms = httpAddress(server);
    this.tokens = tokens;
    this.time = time;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_WAIT)
            .build();
  }

  private static URI httpAddress(URI server) {
    String address = server.toString();
    if (address.startsWith("ws")) {
      address = "http" + address.substring(2);
    }
    while (address.endsWith("/")) {
      address = address.substring(0, address.length() - 1);
    }
    return URI.create(address + "/twirp/livekit.RoomService/ListRooms");
  }

  @Override
  public Optional<String> sidOf(String roomName, Deadline deadline) throws InterruptedException {
    Asked mine = new Asked(roomName);
    Asked entry =
        asked.compute(
            roomName, (name, old) -> old != null && old.isUsable(time.nanos()) ? old : mine);
    if (entry == mine) {
      forgetSome();
      // On a thread of its own: a caller that is interrupted must not spoil the others' answer.
      Thread.ofVirtual().name("room-look-up").start(mine.answer);
    }
    return entry.await(roomName, deadline);
  }

  private void forgetSome() {
    if (asked.size() > MOST_REMEMBERED) {
      long now = time.nanos();
      asked.values().removeIf(entry -> !entry.isUsable(now));
    }
  }

  private Optional<String> ask(String roomName) throws InterruptedException {
    byte[] body =
        LivekitRoom.ListRoomsRequest.newBuilder().addNames(roomName).build().toByteArray();
    HttpRequest request =
        HttpRequest.newBuilder(listRooms)
            .header("Content-Type", "application/protobuf")
            .header("Authorization", "Bearer " + tokens.listRooms())
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    for (int attempt = 1; ; attempt++) {
      try {
        return sidIn(
            WholeExchange.send(http, request, HttpResponse.BodyHandlers.ofByteArray(), ANSWER_WAIT),
            roomName);
      } catch (IOException failure) {
        // The JDK doesn't repeat a POST on a pooled connection that the server has closed.
        if (attempt == TRIES || failure instanceof java.net.http.HttpTimeoutException) {
          throw unanswered(roomName, reason(failure));
        }
      }
    }
  }

  private static String reason(IOException failure) {
    String message = failure.getMessage();
    return failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }

  private Optional<String> sidIn(HttpResponse<byte[]> answer, String roomName)
      throws InvalidProtocolBufferException {
    if (answer.statusCode() != 200) {
      String text = new String(answer.body(), StandardCharsets.UTF_8);
      throw unanswered(
          roomName,
          "status %d, %s"
              .formatted(
                  answer.statusCode(), text.substring(0, Math.min(text.length(), LONGEST_QUOTE))));
    }
    return LivekitRoom.ListRoomsResponse.parseFrom(answer.body()).getRoomsList().stream()
        .filter(room -> room.getName().equals(roomName))
        .map(LivekitModels.Room::getSid)
        .findFirst();
  }

  private RpcException unanswered(String roomName, String why) {
    return new RpcException(
        RpcCode.UNAVAILABLE,
        "could not ask LiveKit at %s whether room '%s' exists (%s): nothing was started"
            .formatted(listRooms.resolve("/"), roomName, why));
  }

  @Override
  public void close() {
    http.shutdownNow();
    asked.clear();
  }

  /** One question, asked or answered. */
  private final class Asked {
    private final FutureTask<Optional<String>> answer;
    private volatile long answeredAtNanos;

    Asked(String roomName) {
      this.answer =
          new FutureTask<>(() -> {
            Optional<String> sid = ask(roomName);
            answeredAtNanos = time.nanos(); // before anybody can see the answer
            return sid;
          });
    }

    boolean isUsable(long nowNanos) {
      return switch (answer.state()) {
        case RUNNING -> true;
        case SUCCESS ->
            answer.resultNow().isPresent() && nowNanos - answeredAtNanos < BELIEVED_NANOS;
        case FAILED, CANCELLED -> false;
      };
    }

    Optional<String> await(String roomName, Deadline deadline) throws InterruptedException {
      try {
        return answer.get(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException late) {
        throw unanswered(roomName, "no answer in time");
      } catch (ExecutionException failed) {
        if (failed.getCause() instanceof RpcException known) {
          throw new RpcException(known.code(), messageOf(known), known);
        }
        throw unanswered(roomName, String.valueOf(failed.getCause()));
      }
    }
  }

  private static String messageOf(RpcException failure) {
    String message = failure.getMessage();
    return message == null ? failure.code().wire() : message;
  }
}
