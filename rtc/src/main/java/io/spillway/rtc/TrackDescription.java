package io.spillway.rtc;

import io.spillway.core.media.Codec;

/**
 * What LiveKit says of a published track.
 *
 * @param sid the track's id ({@code TR_…})
 * @param name as the publisher named it, may be empty
 * @param source {@code camera}, {@code microphone}, {@code screen_share}, {@code
 *     screen_share_audio} or {@code unknown}
 * @param publisherIdentity identity of the participant that publishes it
 * @param muted whether it was muted when subscribed
 * @param width picture size of its best layer, 0 for audio or unknown
 * @param stereo whether an audio track was announced as stereo
 */
public record TrackDescription(
    String sid,
    String name,
    Codec codec,
    String source,
    String publisherIdentity,
    boolean muted,
    int width,
    int height,
    boolean stereo) {}
