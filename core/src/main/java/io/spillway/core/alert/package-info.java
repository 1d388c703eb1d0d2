/**
 * When something is bad enough to call a person. In: counted events and measured signs, with the
 * moment they belong to. Out: what burns and which alerts stand, as values. Never reads a clock,
 * keeps a thread or sends anything.
 */
@NullMarked
package io.spillway.core.alert;

import org.jspecify.annotations.NullMarked;
