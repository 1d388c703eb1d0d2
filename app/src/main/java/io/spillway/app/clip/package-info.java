/**
 * Encoded media from files, played into a room in real time. In: IVF and Ogg files. Out: frames at
 * their moments, over and over. Never encodes or decodes.
 */
@NullMarked
package io.spillway.app.clip;

import org.jspecify.annotations.NullMarked;
