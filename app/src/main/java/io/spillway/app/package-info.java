/**
 * The program. In: the command line. Out: an exit code. Puts the parts together by hand and decides
 * nothing itself.
 */
@NullMarked
package io.spillway.app;

import org.jspecify.annotations.NullMarked;
