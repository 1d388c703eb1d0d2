package io.spillway.app.doctor;

/**
 * One thing that was looked at.
 *
 * @param found what is
 * @param advice what to do; empty when nothing needs doing
 */
public record Finding(String what, Verdict verdict, String found, String advice) {
  /** How bad it is. */
  public enum Verdict {
    OK,
    /** Works now, will hurt under load. */
    WARN,
    /** Recording won't work. */
    FAIL
  }

  static Finding ok(String what, String found) {
    return new Finding(what, Verdict.OK, found, "");
  }

  static Finding warn(String what, String found, String advice) {
    return new Finding(what, Verdict.WARN, found, advice);
  }

  static Finding fail(String what, String found, String advice) {
    return new Finding(what, Verdict.FAIL, found, advice);
  }
}
