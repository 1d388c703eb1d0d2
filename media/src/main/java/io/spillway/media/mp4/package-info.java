/**
 * H.264, H.265 and AV1 into MP4 (ISO/IEC 14496-12, -15). In: frames placed on the file's clock.
 * Out: fragments, appended once a second, that become one plain seekable MP4 at the end by an index
 * behind the media and 16 bytes in front. Never decodes, never copies media, unless asked for the
 * index in front ({@link io.spillway.media.mp4.Mp4FastStart}).
 */
@NullMarked
package io.spillway.media.mp4;

import org.jspecify.annotations.NullMarked;
