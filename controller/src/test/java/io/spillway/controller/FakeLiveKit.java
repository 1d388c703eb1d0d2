package io.spillway.controller;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.spillway.core.time.TimeSource;
import io.spillway.core.token.ApiKeys;
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
import livekit.LivekitModels;
import livekit.LivekitRoom;

/** RoomService.ListRooms as livekit-server answers it. */
public final class FakeLiveKit implements AutoCloseable {
  private final Map<String, String> rooms = new ConcurrentHashMap<>();
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
    server.start();
  }

  public URI url() {
    return URI.create("ws://127.0.0.1:" + server.getAddress().getPort());
  }

  public void room(String name, String sid) {
    rooms.put(name, sid);
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
    String header = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
    boolean allowed =
        tokens.check(header.replaceFirst("^Bearer ", "")) instanceof TokenCheck.Accepted accepted
            && accepted.grants().roomList();
    var request = LivekitRoom.ListRoomsRequest.parseFrom(exchange.getRequestBody().readAllBytes());
    var answer = LivekitRoom.ListRoomsResponse.newBuilder();
    for (String name : request.getNamesList()) {
      String sid = rooms.get(name);
      if (sid != null) {
        answer.addRooms(LivekitModels.Room.newBuilder().setName(name).setSid(sid));
      }
    }
    byte[] body = answer.build().toByteArray();
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
