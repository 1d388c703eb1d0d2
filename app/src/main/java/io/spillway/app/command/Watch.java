package io.spillway.app.command;

import io.spillway.app.client.ApiException;
import io.spillway.app.client.EgressClient;
import io.spillway.app.client.EgressText;
import io.spillway.app.client.Progress;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EgressStatus;
import java.time.Duration;
import java.util.Map;

/**
 * Follows one egress to its end, a look each second. A server that doesn't answer for a while is
 * waited for: recordings outlive a restart of it.
 */
final class Watch {
  private static final Duration EACH = Duration.ofSeconds(1);
  private static final int SILENT_LOOKS_MAX = 60;

  private final Terminal terminal;
  private final EgressClient client;

  Watch(Terminal terminal, EgressClient client) {
    this.terminal = terminal;
    this.client = client;
  }

  /** Returns the exit code that its end deserves. */
  int untilEnd(String egressId, boolean json) throws InterruptedException {
    int silentLooks = 0;
    while (true) {
      try {
        EgressInfo info =
            client
                .find(egressId)
                .orElseThrow(() -> new UsageException("no egress has the id " + egressId));
        silentLooks = 0;
        show(info, json);
        if (EgressText.isFinal(info.getStatus())) {
          return end(info);
        }
      } catch (ApiException silence) {
        silentLooks++;
        if (!silence.unreachable() || silentLooks > SILENT_LOOKS_MAX) {
          throw silence;
        }
        terminal.progress(egressId + "  no answer, trying again");
      }
      terminal.pause(EACH);
    }
  }

  private void show(EgressInfo info, boolean json) throws InterruptedException {
    if (json) {
      terminal.say(EgressText.json(info));
      return;
    }
    Map<String, Progress> progress = client.progress();
    Progress now = progress.get(info.getEgressId());
    long nanos = terminal.time().unixNanos();
    String how =
        now == null
            ? EgressText.clock(EgressText.duration(info, nanos))
                + "  "
                + EgressText.bytes(EgressText.size(info))
            : EgressText.clock(Duration.ofMillis(Math.round(now.seconds() * 1000)))
                + "  "
                + EgressText.bytes(now.bytes());
    terminal.progress(info.getEgressId() + "  " + EgressText.status(info) + "  " + how);
  }

  private int end(EgressInfo info) {
    terminal.progressDone();
    info.getFileResultsList().forEach(file -> terminal.warn(file.getLocation()));
    if (!info.getError().isEmpty()) {
      terminal.warn(info.getErrorCode() + " " + info.getError());
    }
    if (!info.getDetails().isEmpty()) {
      terminal.warn(info.getDetails());
    }
    return info.getStatus() == EgressStatus.EGRESS_COMPLETE ? ExitCode.OK : ExitCode.FAILED;
  }
}
