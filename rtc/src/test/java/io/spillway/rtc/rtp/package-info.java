/** Tests of RTP in both directions: pure parts by tables, whole paths over a seeded bad network. */
@NullMarked
package io.spillway.rtc.rtp;

import org.jspecify.annotations.NullMarked;
