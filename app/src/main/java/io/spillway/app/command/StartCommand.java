package io.spillway.app.command;

import io.spillway.app.client.EgressClient;
import io.spillway.app.client.EgressText;
import io.spillway.protocol.livekit.AudioConfig;
import io.spillway.protocol.livekit.AudioRoute;
import io.spillway.protocol.livekit.DirectFileOutput;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.protocol.livekit.EncodingOptionsPreset;
import io.spillway.protocol.livekit.FileOutput;
import io.spillway.protocol.livekit.MediaSource;
import io.spillway.protocol.livekit.Output;
import io.spillway.protocol.livekit.StartEgressRequest;
import io.spillway.protocol.livekit.TrackEgressRequest;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code spillway start track}: asks for a recording. */
@Command(
    name = "start",
    description = "Start a recording.",
    footer = {
      "",
      "Examples:",
      "  spillway start track --room demo TR_AMxxxxxxxxxx",
      "  spillway start track --room demo TR_VCxxxxxxxxxx --file 'out/{room_name}-{time}' --watch",
      "  spillway start track --room demo TR_VCxxxxxxxxxx --json | jq -r .egress_id"
    })
final class StartCommand implements Callable<Integer> {
  enum Kind {
    track
  }

  enum Media {
    audio,
    video
  }

  private final Terminal terminal;

  @Mixin private Connection connection = new Connection();

  @Parameters(
      index = "0",
      paramLabel = "track",
      description = "What to record: ${COMPLETION-CANDIDATES}.")
  private Kind kind = Kind.track;

  @Parameters(index = "1", paramLabel = "TRACK", description = "The track's id (TR_…).")
  private String track = "";

  @Option(names = "--room", required = true, paramLabel = "NAME", description = "The room's name.")
  private String room = "";

  @Option(
      names = "--file",
      paramLabel = "PATH",
      description = {
        "Where to, with {room_name}, {track_id}, {publisher_identity}, {time} and so on;",
        "empty or ending in / for a name of the server's choice. The extension follows the codec.",
        "A relative path is taken from this folder."
      })
  private String file = "";

  @Option(names = "--no-manifest", description = "Write no {egress_id}.json beside the file.")
  private boolean noManifest;

  @Option(
      names = "--v2",
      paramLabel = "audio|video",
      description = "Use the v2 API (StartEgress, preset PASSTHROUGH) for a track of this kind.")
  private Optional<Media> v2 = Optional.empty();

  @Option(names = "--watch", description = "Stay until it ends, showing how far it is.")
  private boolean watch;

  @Option(names = "--json", description = "Print EgressInfo as JSON.")
  private boolean json;

  StartCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (EgressClient client = connection.open(terminal)) {
      EgressInfo info = start(client);
      terminal.say(
          json ? EgressText.json(info) : info.getEgressId() + "  " + EgressText.status(info));
      if (watch) {
        return new Watch(terminal, client).untilEnd(info.getEgressId(), json);
      }
      return ExitCode.OK;
    }
  }

  private EgressInfo start(EgressClient client) throws InterruptedException {
    return switch (kind) {
      case track -> v2.isPresent() ? client.start(unified(v2.get())) : client.start(direct());
    };
  }

  private TrackEgressRequest direct() {
    return TrackEgressRequest.newBuilder()
        .setRoomName(room)
        .setTrackId(track)
        .setFile(DirectFileOutput.newBuilder().setFilepath(path()).setDisableManifest(noManifest))
        .build();
  }

  private StartEgressRequest unified(Media media) {
    MediaSource.Builder source = MediaSource.newBuilder();
    switch (media) {
      case video -> source.setVideoTrackId(track);
      case audio ->
          source.setAudio(
              AudioConfig.newBuilder().addRoutes(AudioRoute.newBuilder().setTrackId(track)));
    }
    FileOutput output =
        FileOutput.newBuilder().setFilepath(path()).setDisableManifest(noManifest).build();
    return StartEgressRequest.newBuilder()
        .setRoomName(room)
        .setMedia(source)
        .setPreset(EncodingOptionsPreset.PASSTHROUGH)
        .addOutputs(Output.newBuilder().setFile(output))
        .build();
  }

  // The server may run in another folder: what a person types at a prompt means theirs.
  private String path() {
    if (file.isEmpty()) {
      return "";
    }
    String absolute = Path.of(file).toAbsolutePath().normalize().toString();
    return file.endsWith("/") ? absolute + "/" : absolute;
  }
}
