package io.spillway.core.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.fleet.Ejection.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many nodes of a region a controller may take out of service. */
final class EjectionTest {
  @ParameterizedTest(name = "of {0} nodes with {1} wedged that answer, {2} go")
  @CsvSource({
    " 1,  0,  0, false",
    " 1,  1,  0, true", // the last node that answers stays
    " 2,  1,  1, false",
    " 2,  2,  1, true",
    " 3,  1,  1, false",
    " 3,  2,  1, true",
    " 3,  3,  1, true",
    " 4,  1,  1, false",
    " 4,  4,  1, true",
    "50,  1,  1, false",
    "50, 16, 16, false",
    "50, 17, 16, true",
    "50, 50, 16, true",
  })
  void atMostAThirdButAlwaysOneIsEjected(int nodes, int wedged, int ejected, boolean limited) {
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      members.add(member(i, i < wedged ? Health.WEDGED : Health.HEALTHY, true, false));
    }
    Ejection.Verdict verdict = Ejection.judge(members);
    assertThat(verdict.ejected()).hasSize(ejected);
    assertThat(verdict.limited()).isEqualTo(limited);
  }

  @Test
  void theLastThatAnswersStaysThoughOthersAreInTheRegion() {
    List<Member> members =
        List.of(
            member(1, Health.WEDGED, true, false),
            member(2, Health.SUSPECT, false, false),
            member(3, Health.SUSPECT, false, false));
    Ejection.Verdict verdict = Ejection.judge(members);
    assertThat(verdict.ejected()).containsExactly("NE_2");
    assertThat(verdict.limited()).isTrue();
  }

  @Test
  void wedgedNodesGoBeforeSuspectsAndWhoIsOutStaysOut() {
    List<Member> members =
        List.of(
            member(1, Health.SUSPECT, true, true),
            member(2, Health.WEDGED, true, false),
            member(3, Health.WEDGED, true, true),
            member(4, Health.HEALTHY, true, false));
    assertThat(Ejection.judge(members).ejected()).isEqualTo(Set.of("NE_3"));
  }

  private static Member member(int id, Health health, boolean answers, boolean ejected) {
    return new Member("NE_" + id, health, answers, ejected);
  }
}
