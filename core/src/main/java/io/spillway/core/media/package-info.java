/**
 * What a recorded track is made of: codec names and clocks, shared by those who receive frames and
 * those who write them.
 */
@NullMarked
package io.spillway.core.media;

import org.jspecify.annotations.NullMarked;
