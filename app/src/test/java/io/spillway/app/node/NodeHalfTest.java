package io.spillway.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.app.config.ConfigFile;
import io.spillway.app.config.SpillwayConfig;
import io.spillway.core.token.ApiKey;
import io.spillway.node.NodeSettings;
import io.spillway.node.RpcConduct;
import java.security.SecureRandom;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeHalfTest {
  @Test
  void theNodeGetsWhatTheFileSays() {
    SpillwayConfig config =
        ConfigFile.read(
                "c.yaml", "cluster_id: west\nstorage: {prefix: recordings/}\n", Map.of(), Map.of())
            .config();
    NodeSettings settings =
        NodeHalf.settings(
            config,
            RpcConduct.underLiveKit(false),
            new ApiKey("key", "secret"),
            new SecureRandom());
    assertThat(settings.nodeId()).startsWith("NE_");
    assertThat(settings.storagePrefix()).isEqualTo("recordings/");
    assertThat(settings.clusterId()).isEqualTo("west");
    assertThat(settings.conduct().refusalAffinity()).isNegative();
    assertThat(settings.conduct().provesBus()).isTrue();
  }
}
