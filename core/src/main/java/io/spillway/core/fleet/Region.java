package io.spillway.core.fleet;

import java.util.regex.Pattern;

/** How regions may be named: by operators in configurations, by callers in a header. */
public final class Region {
  /** What to say of a name that is none. */
  public static final String EXPECTED = "at most 64 letters, digits, dots and dashes";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{0,64}");

  private Region() {}

  /** Whether this can be a region's name; the empty one stands for none. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }
}
