package io.spillway.rtc.signal;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import livekit.LivekitRtc.SignalRequest;
import livekit.LivekitRtc.SignalResponse;
import org.junit.jupiter.api.Test;

class WebSocketLinkTest {
  private final Heard heard = new Heard();
  private final WebSocketLink link = new WebSocketLink(heard);
  private final FakeSocket socket = new FakeSocket();

  @Test
  void aMessageInPiecesIsOneMessage() {
    link.onOpen(socket);
    byte[] bytes =
        SignalResponse.newBuilder().setRefreshToken("a long token").build().toByteArray();
    link.onBinary(socket, ByteBuffer.wrap(bytes, 0, 5), false);
    link.onBinary(socket, ByteBuffer.wrap(bytes, 5, bytes.length - 5), true);
    assertThat(heard.messages).hasSize(1);
    assertThat(heard.messages.getFirst().getRefreshToken()).isEqualTo("a long token");
  }

  @Test
  void messagesAreSentOneAtATimeAndInOrder() {
    link.send(ping(1));
    link.onOpen(socket);
    link.send(ping(2));
    assertThat(socket.sent).hasSize(1);
    socket.pending.complete(socket);
    assertThat(socket.sent).hasSize(2);
  }

  @Test
  void aPeerThatReadsNoMoreIsGivenUpWhenTheQueueIsFull() {
    link.onOpen(socket);
    for (int i = 0; i <= WebSocketLink.MAX_WAITING + 1; i++) {
      link.send(ping(i));
    }
    assertThat(socket.aborted).isTrue();
    assertThat(heard.closed).hasSize(1);
  }

  @Test
  void closingSendsWhatWaitsFirst() {
    link.onOpen(socket);
    link.send(ping(1));
    link.close();
    assertThat(socket.closeSent).isFalse();
    socket.pending.complete(socket);
    assertThat(socket.closeSent).isTrue();
    assertThat(heard.closed).hasSize(1);
  }

  @Test
  void aMessageThatIsTooLongEndsTheConnection() {
    link.onOpen(socket);
    byte[] piece = new byte[1 << 20];
    for (int i = 0; i <= WebSocketLink.MAX_MESSAGE_BYTES / piece.length; i++) {
      link.onBinary(socket, ByteBuffer.wrap(piece), false);
    }
    assertThat(socket.aborted).isTrue();
    assertThat(heard.closed).hasSize(1);
    assertThat(heard.closed.getFirst().text()).contains("more than");
  }

  @Test
  void randomBytesAreAMessageOrTheEndOfThatConnectionAndNeverMore() {
    for (long seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      Heard told = new Heard();
      WebSocketLink one = new WebSocketLink(told);
      FakeSocket fake = new FakeSocket();
      one.onOpen(fake);
      for (int i = 0; i < 5; i++) {
        byte[] bytes = new byte[random.nextInt(50)];
        random.nextBytes(bytes);
        one.onBinary(fake, ByteBuffer.wrap(bytes), random.nextBoolean());
      }
      one.onClose(fake, 1006, "");
      assertThat(told.closed).as("seed %d", seed).hasSize(1);
    }
  }

  private static SignalRequest ping(long number) {
    return SignalRequest.newBuilder().setPing(number).build();
  }

  private static final class Heard implements Signalling.Listener {
    final List<SignalResponse> messages = new ArrayList<>();
    final List<Signalling.Closed> closed = new ArrayList<>();

    @Override
    public void opened() {}

    @Override
    public void message(SignalResponse message) {
      messages.add(message);
    }

    @Override
    public void closed(Signalling.Closed why) {
      closed.add(why);
    }
  }

  private static final class FakeSocket implements WebSocket {
    final List<ByteBuffer> sent = new ArrayList<>();
    CompletableFuture<WebSocket> pending = new CompletableFuture<>();
    boolean aborted;
    boolean closeSent;

    @Override
    public CompletableFuture<WebSocket> sendText(CharSequence data, boolean last) {
      return CompletableFuture.completedFuture(this);
    }

    @Override
    public CompletableFuture<WebSocket> sendBinary(ByteBuffer data, boolean last) {
      sent.add(data);
      pending = new CompletableFuture<>();
      return pending;
    }

    @Override
    public CompletableFuture<WebSocket> sendPing(ByteBuffer message) {
      return CompletableFuture.completedFuture(this);
    }

    @Override
    public CompletableFuture<WebSocket> sendPong(ByteBuffer message) {
      return CompletableFuture.completedFuture(this);
    }

    @Override
    public CompletableFuture<WebSocket> sendClose(int statusCode, String reason) {
      closeSent = true;
      return CompletableFuture.completedFuture(this);
    }

    @Override
    public void request(long count) {}

    @Override
    public String getSubprotocol() {
      return "";
    }

    @Override
    public boolean isOutputClosed() {
      return aborted || closeSent;
    }

    @Override
    public boolean isInputClosed() {
      return aborted;
    }

    @Override
    public void abort() {
      aborted = true;
    }
  }
}
