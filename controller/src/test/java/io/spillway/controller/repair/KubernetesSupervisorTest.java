package io.spillway.controller.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.Place;
import io.spillway.core.fleet.RepairLadder.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against fabric8's server that keeps objects, and has none of Kubernetes' own controllers. */
@NullUnmarked
@EnableKubernetesMockClient(crud = true)
class KubernetesSupervisorTest {
  private static final String SPACE = "media";
  private static final Map<String, String> LABELS =
      Map.of("app", "egress", "pod-template-hash", "abc");

  // Set by fabric8's extension before each test.
  KubernetesMockServer server;
  KubernetesClient client;
  private KubernetesSupervisor supervisor;

  @BeforeEach
  void set() {
    supervisor =
        new KubernetesSupervisor(
            client,
            new KubernetesSupervisor.Settings(SPACE, Map.of("app", "egress"), Duration.ofDays(1)));
  }

  private void pod(String name, Map<String, String> labels, String ownerKind, Instant running) {
    PodBuilder pod =
        new PodBuilder()
            .withNewMetadata()
            .withName(name)
            .withLabels(labels)
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName("node")
            .withImage("spillway:1")
            .endContainer()
            .endSpec()
            .withNewStatus()
            .addNewContainerStatus()
            .withNewState()
            .withNewRunning()
            .withStartedAt(running.toString())
            .endRunning()
            .endState()
            .endContainerStatus()
            .endStatus();
    if (!ownerKind.isEmpty()) {
      pod.editMetadata()
          .addNewOwnerReference()
          .withKind(ownerKind)
          .withName("egress")
          .withController(true)
          .endOwnerReference()
          .endMetadata();
    }
    client.pods().inNamespace(SPACE).resource(pod.build()).create();
  }

  private static final Instant BEGUN = Instant.ofEpochSecond(1_800_000_000);

  private static Lease node(String pod) {
    return LocalSupervisorTest.lease(new Place("m", 1, BEGUN.toEpochMilli(), pod, "/data"));
  }

  private Pod stored(String name) {
    return client.pods().inNamespace(SPACE).withName(name).get();
  }

  private List<String> deletions() throws InterruptedException {
    List<String> bodies = new ArrayList<>();
    RecordedRequest request = server.takeRequest(10, TimeUnit.MILLISECONDS);
    while (request != null) {
      if (request.getMethod().toString().equals("DELETE")) {
        bodies.add(request.getPath() + " " + request.getBody().readUtf8());
      }
      request = server.takeRequest(10, TimeUnit.MILLISECONDS);
    }
    return bodies;
  }

  @Test
  void aPodOfADeploymentLeavesItsReplicaSetWhichStartsAnother() {
    client
        .apps()
        .replicaSets()
        .inNamespace(SPACE)
        .resource(
            new ReplicaSetBuilder()
                .withNewMetadata()
                .withName("egress")
                .endMetadata()
                .withNewSpec()
                .withNewSelector()
                .withMatchLabels(LABELS)
                .endSelector()
                .endSpec()
                .build())
        .create();
    pod("egress-abc-1", LABELS, "ReplicaSet", BEGUN);

    assertThat(supervisor.replace(node("egress-abc-1"))).contains("ReplicaSet egress");

    Pod released = stored("egress-abc-1");
    assertThat(released).as("it goes on").isNotNull();
    assertThat(released.getMetadata().getLabels())
        .containsEntry("app", "egress")
        .containsEntry("pod-template-hash", "spillway-replaced");
  }

  @Test
  void aStatefulSetGetsOnePodMoreAndNeverASecond() {
    client
        .apps()
        .statefulSets()
        .inNamespace(SPACE)
        .resource(
            new StatefulSetBuilder()
                .withNewMetadata()
                .withName("egress")
                .endMetadata()
                .withNewSpec()
                .withReplicas(3)
                .endSpec()
                .build())
        .create();
    pod("egress-0", LABELS, "StatefulSet", BEGUN);

    assertThat(supervisor.replace(node("egress-0"))).contains("scaled to 4");
    assertThat(supervisor.replace(node("egress-0"))).contains("earlier repair");

    StatefulSet set = client.apps().statefulSets().inNamespace(SPACE).withName("egress").get();
    assertThat(set.getSpec().getReplicas()).isEqualTo(4);
  }

  @Test
  void aPodWithoutAnOwnerIsCopied() {
    pod("alone", LABELS, "", BEGUN);
    assertThat(supervisor.replace(node("alone"))).endsWith("made");
    List<Pod> pods = client.pods().inNamespace(SPACE).list().getItems();
    assertThat(pods)
        .hasSize(2)
        .allSatisfy(pod ->
            assertThat(pod.getSpec().getContainers().getFirst().getImage())
                .isEqualTo("spillway:1"));
  }

  @Test
  void aPodOfADaemonSetCantBeReplacedBesideItself() {
    pod("egress-d", LABELS, "DaemonSet", BEGUN);
    assertThatThrownBy(() -> supervisor.replace(node("egress-d")))
        .isInstanceOf(RepairException.class)
        .hasMessageContaining("DaemonSet");
  }

  @Test
  void aDrainIsADeletionThatLeavesRecordingsADay() throws Exception {
    pod("egress-0", LABELS, "StatefulSet", BEGUN);
    assertThat(supervisor.drain(node("egress-0"))).contains("86400 s");
    assertThat(deletions())
        .singleElement()
        .asString()
        .contains("/pods/egress-0")
        .contains("\"gracePeriodSeconds\":86400");
  }

  @Test
  void aKillIsADeletionWithoutGrace() throws Exception {
    pod("egress-0", LABELS, "StatefulSet", BEGUN);
    assertThat(supervisor.kill(node("egress-0"))).contains("0 s");
    assertThat(deletions()).singleElement().asString().contains("\"gracePeriodSeconds\":0");
    assertThat(supervisor.kill(node("egress-0"))).isEqualTo("its pod is gone");
  }

  /** The same pod, begun anew by Kubernetes: it is well, and another node by now. */
  @Test
  void aPodWhoseContainerBeganAnewIsNotKilled() throws Exception {
    pod("egress-0", LABELS, "StatefulSet", BEGUN.plusSeconds(30));
    assertThat(supervisor.kill(node("egress-0"))).contains("begun anew");
    assertThat(deletions()).isEmpty();
  }

  @Test
  void aPodThatIsNoNodeIsNotTouched() throws Exception {
    pod("database-0", Map.of("app", "database"), "StatefulSet", BEGUN);
    assertThatThrownBy(() -> supervisor.kill(node("database-0")))
        .isInstanceOf(RepairException.class)
        .hasMessageContaining("labels");
    assertThat(deletions()).isEmpty();
  }

  @Test
  void aRefusalOfKubernetesIsToldInWords() {
    server
        .expect()
        .get()
        .withPath("/api/v1/namespaces/media/pods/egress-0")
        .andReturn(403, "forbidden")
        .always();
    assertThatThrownBy(() -> supervisor.drain(node("egress-0")))
        .isInstanceOf(RepairException.class)
        .hasMessageStartingWith("Kubernetes did not drain pod egress-0");
  }

  @Test
  void aNodeOutsideOfKubernetesIsOutOfReach() {
    assertThat(supervisor.possible(node(""))).isEmpty();
    assertThat(supervisor.possible(node("egress-0")))
        .containsExactlyInAnyOrder(Step.REPLACE, Step.DRAIN, Step.KILL);
  }
}
