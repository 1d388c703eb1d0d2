package io.spillway.controller.repair;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateRunning;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.PodResource;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.RepairLadder.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Nodes as pods. A pod of a Deployment is taken out of its ReplicaSet's sight by a label, which
 * makes Kubernetes start another one at once while the old one goes on; a StatefulSet gets one pod
 * more, once; a pod without an owner is copied. Draining is a deletion with a long grace (SIGTERM
 * drains a node, its recordings run to their end), killing one without.
 *
 * <p>Touches only pods that carry the configured labels.
 */
public final class KubernetesSupervisor implements Supervisor {
  /** The label of a Deployment's pods by which each ReplicaSet knows its own. */
  private static final String TEMPLATE = "pod-template-hash";

  private static final String RELEASED = "spillway-replaced";

  /** On a StatefulSet to which a pod was added: no second one is. */
  static final String ADDED = "spillway.io/added-for-repair";

  private static final Duration ANSWER = Duration.ofSeconds(5);

  /** A container that began so much later than the node is a later life. */
  private static final Duration LATER = Duration.ofSeconds(10);

  private final KubernetesClient client;
  private final Settings settings;

  /**
   * Which pods are nodes.
   *
   * @param namespace of the pods; empty: the client's own
   * @param labels that every node's pod has
   * @param drainGrace how long recordings may go on after the drain has begun
   */
  public record Settings(String namespace, Map<String, String> labels, Duration drainGrace) {
    /** Copies the labels. */
    public Settings {
      labels = Map.copyOf(labels);
      if (labels.isEmpty()) {
        throw new IllegalArgumentException("nodes' pods are told by labels: at least one");
      }
    }
  }

  /** Acts through a client, which it closes. */
  public KubernetesSupervisor(KubernetesClient client, Settings settings) {
    this.client = client;
    this.settings = settings;
  }

  /** With the access that Kubernetes gives a pod, or that {@code ~/.kube/config} gives a person. */
  public static KubernetesSupervisor connect(Settings settings) {
    var config =
        new ConfigBuilder(io.fabric8.kubernetes.client.Config.autoConfigure(null))
            .withConnectionTimeout((int) ANSWER.toMillis())
            .withRequestTimeout((int) ANSWER.toMillis())
            .withRequestRetryBackoffLimit(1)
            .build();
    return new KubernetesSupervisor(
        new KubernetesClientBuilder().withConfig(config).build(), settings);
  }

  @Override
  public String reach() {
    return "kubernetes/" + namespace();
  }

  private String namespace() {
    String own = Objects.requireNonNullElse(client.getNamespace(), "default");
    return settings.namespace().isEmpty() ? own : settings.namespace();
  }

  @Override
  public Set<Step> possible(Lease node) {
    return node.place().pod().isEmpty() ? Set.of() : Set.of(Step.REPLACE, Step.DRAIN, Step.KILL);
  }

  @Override
  public String replace(Lease node) {
    String name = node.place().pod();
    return asked("replace pod " + name, () -> replace(pod(name).orElseThrow(() -> none(name))));
  }

  private String replace(Pod pod) {
    Optional<OwnerReference> owner =
        pod.getMetadata().getOwnerReferences().stream()
            .filter(one -> Boolean.TRUE.equals(one.getController()))
            .findFirst();
    if (owner.isEmpty()) {
      return copy(pod);
    }
    return switch (owner.get().getKind()) {
      case "ReplicaSet" -> release(pod, owner.get().getName());
      case "StatefulSet" -> addOne(owner.get().getName());
      default ->
          throw new RepairException(
              "pod %s belongs to a %s: there can't be another one beside it"
                  .formatted(pod.getMetadata().getName(), owner.get().getKind()));
    };
  }

  private String release(Pod pod, String setName) {
    ReplicaSet set = client.apps().replicaSets().inNamespace(namespace()).withName(setName).get();
    if (set == null) {
      throw new RepairException("there is no ReplicaSet " + setName);
    }
    Map<String, String> selector = set.getSpec().getSelector().getMatchLabels();
    String label =
        selector.containsKey(TEMPLATE)
            ? TEMPLATE
            : selector.keySet().stream()
                .filter(key -> !settings.labels().containsKey(key))
                .sorted()
                .findFirst()
                .orElseThrow(() ->
                    new RepairException(
                        "ReplicaSet %s selects by no label that a pod could lose"
                            .formatted(setName)));
    var _ =
        resource(pod.getMetadata().getName())
            .edit(old ->
                new PodBuilder(old)
                    .editMetadata()
                    .addToLabels(label, RELEASED)
                    .endMetadata()
                    .build());
    return "pod %s taken from ReplicaSet %s, which starts another"
        .formatted(pod.getMetadata().getName(), setName);
  }

  private String addOne(String setName) {
    var sets = client.apps().statefulSets().inNamespace(namespace()).withName(setName);
    var set = sets.get();
    if (set == null) {
      throw new RepairException("there is no StatefulSet " + setName);
    }
    Map<String, String> notes = set.getMetadata().getAnnotations();
    if (notes != null && notes.containsKey(ADDED)) {
      return "StatefulSet %s has the pod that an earlier repair added".formatted(setName);
    }
    int replicas = Objects.requireNonNullElse(set.getSpec().getReplicas(), 1) + 1;
    var _ =
        sets.edit(old ->
            new StatefulSetBuilder(old)
                .editMetadata()
                .addToAnnotations(ADDED, "1")
                .endMetadata()
                .editSpec()
                .withReplicas(replicas)
                .endSpec()
                .build());
    return "StatefulSet %s scaled to %d".formatted(setName, replicas);
  }

  /** Its specification, without what Kubernetes itself has written into it. */
  private String copy(Pod pod) {
    Pod made =
        client
            .pods()
            .inNamespace(namespace())
            .resource(
                new PodBuilder()
                    .withNewMetadata()
                    .withGenerateName(pod.getMetadata().getName() + "-")
                    .withLabels(pod.getMetadata().getLabels())
                    .withAnnotations(pod.getMetadata().getAnnotations())
                    .endMetadata()
                    .withNewSpecLike(pod.getSpec())
                    .withNodeName(null)
                    .endSpec()
                    .build())
            .create();
    return "pod " + made.getMetadata().getName() + " made";
  }

  @Override
  public String drain(Lease node) {
    String name = node.place().pod();
    return asked(
        "drain pod " + name,
        () -> pod(name).map(_ -> delete(name, settings.drainGrace())).orElse("its pod is gone"));
  }

  @Override
  public String kill(Lease node) {
    String name = node.place().pod();
    return asked(
        "end pod " + name,
        () ->
            pod(name)
                .map(pod ->
                    isLaterLife(pod, node.place().begunUnixMillis())
                        ? "its pod has begun anew since"
                        : delete(name, Duration.ZERO))
                .orElse("its pod is gone"));
  }

  private String delete(String name, Duration grace) {
    var _ = resource(name).withGracePeriod(grace.toSeconds()).delete();
    return "pod %s deleted with %d s of grace".formatted(name, grace.toSeconds());
  }

  /** Kubernetes starts a container that has ended anew, under the same name. */
  private static boolean isLaterLife(Pod pod, long begunUnixMillis) {
    if (begunUnixMillis == 0 || pod.getStatus() == null) {
      return false;
    }
    Instant later = Instant.ofEpochMilli(begunUnixMillis).plus(LATER);
    List<Instant> begun =
        pod.getStatus().getContainerStatuses().stream()
            .map(ContainerStatus::getState)
            .filter(Objects::nonNull)
            .map(ContainerState::getRunning)
            .filter(Objects::nonNull)
            .map(ContainerStateRunning::getStartedAt)
            .filter(Objects::nonNull)
            .map(Instant::parse)
            .toList();
    return !begun.isEmpty() && begun.stream().allMatch(later::isBefore);
  }

  private PodResource resource(String name) {
    return client.pods().inNamespace(namespace()).withName(name);
  }

  private Optional<Pod> pod(String name) {
    Optional<Pod> pod = Optional.ofNullable(resource(name).get());
    pod.ifPresent(found -> {
      Map<String, String> labels = found.getMetadata().getLabels();
      if (labels == null || !labels.entrySet().containsAll(settings.labels().entrySet())) {
        throw new RepairException(
            "pod %s doesn't have the labels of nodes, %s: it is left alone"
                .formatted(name, settings.labels()));
      }
    });
    return pod;
  }

  private static RepairException none(String name) {
    return new RepairException("there is no pod " + name + " any more");
  }

  private static String asked(String what, Supplier<String> call) {
    try {
      return call.get();
    } catch (KubernetesClientException refused) {
      throw new RepairException(
          "Kubernetes did not " + what + ": " + refused.getMessage(), refused);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
