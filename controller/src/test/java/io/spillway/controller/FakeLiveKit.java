package io.spillway.controller;

import com.google.protobuf.MessageLite;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKeys;
import io.spillway.core.token.Grants;
import io.spillway.core.token.TokenCheck;
import io.spillway.core.token.TokenVerifier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import livekit.LivekitModels;
import livekit.LivekitRoom;

/** RoomService.ListRooms and ListParticipants as livekit-server answers them. */
public final class FakeLiveKit implements AutoCloseable {
  private final Map<String, String> rooms = new ConcurrentHashMap<>();
  private final Map<String, Map<String, String>> tracks = new ConcurrentHashMap<>();
  private final AtomicInteger questions = new AtomicInteger();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final TokenVerifier tokens;
  private final HttpServer server;
  private volatile int failWith;

  public FakeLiveKit(ApiKeys keys, TimeSource time) throws IOException {
    this.tokens = new TokenVerifier(keys, time);
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/twirp/livekit.RoomService/ListRooms", this::listRooms);
    server.createContext("/twirp/livekit.RoomService/ListParticipants", this::listParticipants);
    server.start();
  }

  public URI url() {
    return URI.create("ws://127.0.0.1:" + server.getAddress().getPort());
  }

  public void room(String name, String sid) {
    rooms.put(name, sid);
  }

  /** Publishes a track in the room. */
  public void track(String room, String sid, String mimeType) {
    tracks.computeIfAbsent(room, _ -> new ConcurrentHashMap<>()).put(sid, mimeType);
  }

  /** Answers every question with this status from now on. */
  public void failWith(int status) {
    failWith = status;
  }

  public int questions() {
    return questions.get();
  }

  private void listRooms(HttpExchange exchange) throws IOException {
    questions.incrementAndGet();
    var request = LivekitRoom.ListRoomsRequest.parseFrom(exchange.getRequestBody().readAllBytes());
    var answer = LivekitRoom.ListRoomsResponse.newBuilder();
    for (String name : request.getNamesList()) {
      String sid = rooms.get(name);
      if (sid != null) {
        answer.addRooms(LivekitModels.Room.newBuilder().setName(name).setSid(sid));
      }
    }
    answer(exchange, may(exchange, Grants::roomList), answer.build());
  }

  private void listParticipants(HttpExchange exchange) throws IOException {
    var request =
        LivekitRoom.ListParticipantsRequest.parseFrom(exchange.getRequestBody().readAllBytes());
    var answer = LivekitRoom.ListParticipantsResponse.newBuilder();
    var publisher = answer.addParticipantsBuilder().setIdentity("publisher");
    tracks
        .getOrDefault(request.getRoom(), Map.of())
        .forEach((sid, mimeType) -> publisher.addTracksBuilder().setSid(sid).setMimeType(mimeType));
    answer(
        exchange,
        may(exchange, grants -> grants.roomAdmin() && grants.room().equals(request.getRoom())),
        answer.build());
  }

  private boolean may(HttpExchange exchange, Predicate<Grants> rule) {
    String header = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    return tokens.check(header.replaceFirst("^Bearer ", "")) instanceof TokenCheck.Accepted accepted
        && rule.test(accepted.grants());
  }

  private void answer(HttpExchange exchange, boolean allowed, MessageLite answer)
      throws IOException {
    byte[] body = answer.toByteArray();
    int status = failWith != 0 ? failWith : allowed ? 200 : 401;
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
