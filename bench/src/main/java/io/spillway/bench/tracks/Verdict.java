package io.spillway.bench.tracks;

/**
 * One figure beside what it must be.
 *
 * @param must and {@code reach}: largest values allowed and hoped for; without a hope both are the
 *     same
 * @param measured what came out
 */
record Verdict(String what, String unit, double measured, double must, double reach, Grade grade) {
  /** How a figure is judged. */
  enum Grade {
    /** As good as was hoped for. */
    REACHED("ok, reached"),
    /** As it must be. */
    OK("ok"),
    /** Worse than it may be. */
    MISSED("missed"),
    /** The machine was busy with other things. */
    NO_VERDICT("machine busy: no verdict");

    private final String text;

    Grade(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }
  }

  static Verdict of(
      String what, String unit, double measured, double must, double reach, boolean machineBusy) {
    return new Verdict(
        what, unit, measured, must, reach, grade(measured, must, reach, machineBusy));
  }

  private static Grade grade(double measured, double must, double reach, boolean machineBusy) {
    if (machineBusy) {
      return Grade.NO_VERDICT;
    }
    if (measured > must) {
      return Grade.MISSED;
    }
    return measured <= reach && reach < must ? Grade.REACHED : Grade.OK;
  }
}
