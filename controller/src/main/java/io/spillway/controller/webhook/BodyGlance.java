package io.spillway.controller.webhook;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/**
 * The beginning of an answer's body; what is longer than anybody would read is not received. Called
 * by one thread at a time, as Flow has it.
 */
final class BodyGlance implements HttpResponse.BodySubscriber<String> {
  private static final int MOST_BYTES = 1024;

  private final CompletableFuture<String> seen = new CompletableFuture<>();
  private final ByteBuffer kept = ByteBuffer.allocate(MOST_BYTES);
  private Flow.Subscription source =
      new Flow.Subscription() {
        @Override
        public void request(long items) {}

        @Override
        public void cancel() {}
      };

  @Override
  public CompletionStage<String> getBody() {
    return seen;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    source = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      int count = Math.min(buffer.remaining(), kept.remaining());
      kept.put(buffer.slice(buffer.position(), count));
    }
    if (!kept.hasRemaining()) {
      source.cancel();
      onComplete();
    }
  }

  @Override
  public void onError(Throwable broken) {
    onComplete(); // the status has come: it decides
  }

  @Override
  public void onComplete() {
    seen.complete(new String(kept.array(), 0, kept.position(), StandardCharsets.UTF_8));
  }
}
