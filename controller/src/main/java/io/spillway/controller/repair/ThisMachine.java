package io.spillway.controller.repair;

import io.spillway.core.fleet.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** Where this process is. */
public final class ThisMachine {
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path PIDS = Path.of("/proc/self/ns/pid");

  private ThisMachine() {}

  /**
   * A name that only processes share which see each other by the same process ids: the machine's
   * boot and the namespace of its ids, not the host name, which containers may share. Empty where
   * the kernel doesn't tell: nothing is ended there then.
   */
  public static String name() {
    try {
      return Files.readString(BOOT).strip() + "/" + Files.readSymbolicLink(PIDS);
    } catch (IOException | UnsupportedOperationException untold) {
      return "";
    }
  }

  /**
   * This process.
   *
   * @param data its data folder
   * @param environment in which POD_NAME, or in Kubernetes HOSTNAME, is the pod's name
   */
  public static Place here(Path data, Map<String, String> environment) {
    ProcessHandle self = ProcessHandle.current();
    String host =
        environment.containsKey("KUBERNETES_SERVICE_HOST")
            ? environment.getOrDefault("HOSTNAME", "")
            : "";
    return new Place(
        name(),
        self.pid(),
        self.info().startInstant().map(Instant::toEpochMilli).orElse(0L),
        environment.getOrDefault("POD_NAME", host),
        data.toAbsolutePath().normalize().toString());
  }
}
