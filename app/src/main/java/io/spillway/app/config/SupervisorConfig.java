package io.spillway.app.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Who starts and ends nodes for a controller. */
public sealed interface SupervisorConfig {
  /** Nobody: people do. */
  record None() implements SupervisorConfig {}

  /**
   * The controller itself, as processes of its machine.
   *
   * @param command with {@code {data}} where the node's data folder goes
   * @param folders in which replacements get their data folders
   */
  record Local(List<String> command, Path folders) implements SupervisorConfig {
    /** Copies the command. */
    public Local {
      command = List.copyOf(command);
    }
  }

  /**
   * Kubernetes, as pods.
   *
   * @param namespace of the nodes; empty: the controller's own
   * @param labels that every node's pod has
   * @param drainGrace how long recordings may go on after a drain has begun
   */
  record Kubernetes(String namespace, Map<String, String> labels, Duration drainGrace)
      implements SupervisorConfig {
    /** Copies the labels. */
    public Kubernetes {
      labels = Map.copyOf(labels);
    }
  }
}
