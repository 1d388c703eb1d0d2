package io.spillway.node.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CgroupMemoryTest {
  @TempDir private Path cgroup;

  @Test
  void bothVersionsOfTheKernelsFilesAreRead() throws Exception {
    CgroupMemory memory = new CgroupMemory(cgroup);
    assertThat(memory.bytes()).isEmpty();
    Files.createDirectories(cgroup.resolve("memory"));
    Files.writeString(cgroup.resolve("memory/memory.usage_in_bytes"), "1048576\n");
    assertThat(memory.bytes()).hasValue(1_048_576);
    Files.writeString(cgroup.resolve("memory.current"), "2097152\n");
    assertThat(memory.bytes()).hasValue(2_097_152);
  }

  @Test
  void nonsenseIsAsGoodAsNothing() throws Exception {
    Files.writeString(cgroup.resolve("memory.current"), "max\n");
    assertThat(new CgroupMemory(cgroup).bytes()).isEmpty();
  }
}
