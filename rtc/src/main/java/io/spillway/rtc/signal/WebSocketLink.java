package io.spillway.rtc.signal;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import livekit.LivekitRtc.SignalRequest;
import livekit.LivekitRtc.SignalResponse;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket with protobuf messages, one per binary message.
 *
 * <p>The JDK's socket takes one send at a time: what comes meanwhile waits in a bounded queue; when
 * that is full the peer has stopped reading and the connection is given up. The socket is taken in
 * {@code onOpen}, because the first message (the JOIN) can come before {@code buildAsync} returns.
 */
final class WebSocketLink implements WebSocket.Listener, Signalling.Link {
  /** JOIN lists every participant of the room: room for thousands. */
  static final int MAX_MESSAGE_BYTES = 8 << 20;

  static final int MAX_WAITING = 64;

  private final Signalling.Listener listener;
  private final ByteArrayOutputStream partial = new ByteArrayOutputStream(0);

  private final Object lock = new Object();
  private final ArrayDeque<ByteBuffer> waiting = new ArrayDeque<>();
  private @Nullable WebSocket socket;
  private boolean sending;
  private boolean closeAsked;
  private boolean told;

  WebSocketLink(Signalling.Listener listener) {
    this.listener = listener;
  }

  void notOpened(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    if (cause instanceof WebSocketHandshakeException refused && refused.getResponse() != null) {
      int status = refused.getResponse().statusCode();
      String body = refused.getResponse().body() instanceof String text ? text.strip() : "";
      over(new Signalling.Closed(status, "the server answered " + status + " " + shortened(body)));
    } else {
      over(new Signalling.Closed(0, "could not connect: " + cause));
    }
  }

  @Override
  public void onOpen(WebSocket opened) {
    boolean abort;
    synchronized (lock) {
      socket = opened;
      abort = closeAsked;
    }
    if (abort) {
      opened.abort();
      over(new Signalling.Closed(0, "closed by us before it was open"));
      return;
    }
    listener.opened();
    sendNext();
    opened.request(1);
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    if (partial.size() + data.remaining() > MAX_MESSAGE_BYTES) {
      from.abort();
      over(new Signalling.Closed(0, "a message of more than " + MAX_MESSAGE_BYTES + " bytes"));
      return null;
    }
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    if (last && partial.size() == 0) {
      parse(from, bytes);
    } else {
      partial.writeBytes(bytes);
      if (last) {
        byte[] whole = partial.toByteArray();
        partial.reset();
        parse(from, whole);
      }
    }
    from.request(1);
    return null;
  }

  private void parse(WebSocket from, byte[] bytes) {
    SignalResponse message;
    try {
      message = SignalResponse.parseFrom(bytes);
    } catch (InvalidProtocolBufferException malformed) {
      from.abort();
      over(new Signalling.Closed(0, "a message of the server could not be read: " + malformed));
      return;
    }
    listener.message(message);
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    from.request(1); // JSON signalling isn't asked for: nothing of it is ours
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket from, int status, String reason) {
    over(new Signalling.Closed(0, "the server closed signalling: " + status + " " + reason));
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable failure) {
    over(new Signalling.Closed(0, "signalling broke: " + failure));
  }

  @Override
  public void send(SignalRequest message) {
    ByteBuffer bytes = ByteBuffer.wrap(message.toByteArray());
    boolean full;
    synchronized (lock) {
      if (told || closeAsked) {
        return;
      }
      full = waiting.size() >= MAX_WAITING;
      if (!full) {
        waiting.add(bytes);
      }
    }
    if (full) {
      socket().ifPresent(WebSocket::abort);
      over(new Signalling.Closed(0, "the server reads no more: " + MAX_WAITING + " messages wait"));
    } else {
      sendNext();
    }
  }

  private void sendNext() {
    ByteBuffer next;
    WebSocket to;
    synchronized (lock) {
      if (sending || socket == null) {
        return;
      }
      to = socket;
      next = waiting.poll();
      if (next == null) {
        if (closeAsked) {
          sending = true;
          closeNow(to);
        }
        return;
      }
      sending = true;
    }
    var _ = to.sendBinary(next, true).whenComplete((_, failure) -> sent(failure));
  }

  private void sent(@Nullable Throwable failure) {
    synchronized (lock) {
      sending = false;
    }
    if (failure == null) {
      sendNext();
    } else {
      over(new Signalling.Closed(0, "could not send: " + failure));
    }
  }

  private void closeNow(WebSocket to) {
    // The server's own close frame isn't waited for: a dead server must not keep the socket.
    var _ =
        to.sendClose(WebSocket.NORMAL_CLOSURE, "")
            .whenComplete((_, _) -> {
              to.abort();
              over(new Signalling.Closed(0, "closed by us"));
            });
  }

  @Override
  public void close() {
    synchronized (lock) {
      if (closeAsked) {
        return;
      }
      closeAsked = true;
    }
    sendNext();
  }

  private Optional<WebSocket> socket() {
    synchronized (lock) {
      return Optional.ofNullable(socket);
    }
  }

  private void over(Signalling.Closed why) {
    synchronized (lock) {
      if (told) {
        return;
      }
      told = true;
      waiting.clear();
    }
    listener.closed(why);
  }

  private static String shortened(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
