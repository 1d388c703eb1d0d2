package io.spillway.rpc.pending;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentIdsTest {
  @Test
  void theOldestIdIsForgottenWhenThereIsNoRoom() {
    RecentIds<Integer> ids = new RecentIds<>(4);
    for (int i = 0; i < 5; i++) {
      assertThat(ids.add("id" + i, i)).isTrue();
    }
    assertThat(ids.find("id0")).isEmpty();
    assertThat(ids.find("id1")).contains(1);
    assertThat(ids.find("id4")).contains(4);
  }

  @Test
  void anIdThatIsKnownKeepsItsMark() {
    RecentIds<Integer> ids = new RecentIds<>(4);
    assertThat(ids.add("id", 1)).isTrue();
    assertThat(ids.add("id", 2)).isFalse();
    assertThat(ids.find("id")).contains(1);
  }
}
