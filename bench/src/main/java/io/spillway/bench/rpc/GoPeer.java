package io.spillway.bench.rpc;

import io.spillway.app.command.OutcomeException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Builds interop/psrpc-peer, our small program around LiveKit's own psrpc. */
public final class GoPeer {
  /** The version that the interop tests use: what livekit-server and livekit/egress have. */
  public static final String USUAL = "0.7.1";

  private GoPeer() {}

  /** The program with this version of psrpc; Go downloads what it lacks. */
  public static Path build(Path home, String version) throws IOException, InterruptedException {
    Path source = home.resolve("interop/psrpc-peer");
    Path program = home.resolve("bench/target/psrpc-peer-" + version).toAbsolutePath();
    String modules = version.equals(USUAL) ? "go.mod" : "psrpc-" + version + ".mod";
    Process go;
    try {
      go =
          new ProcessBuilder("go", "build", "-modfile=" + modules, "-o", program.toString(), ".")
              .directory(source.toFile())
              .inheritIO()
              .start();
    } catch (IOException missing) {
      throw new OutcomeException("this needs Go (1.25 or later) on PATH", missing);
    }
    if (!go.waitFor(5, TimeUnit.MINUTES) || go.exitValue() != 0) {
      throw new OutcomeException("go build of interop/psrpc-peer with " + version + " failed");
    }
    return program;
  }
}
