/**
 * The arithmetic of SRTP's ciphers without garbage: AES-GCM, AES in counter mode and HMAC-SHA1 on
 * arrays of the caller. In: keys, nonces, text. Out: text and whether its tag was right. Never
 * knows what a packet is, never draws nonces, never keeps text. Nothing here is thread-safe: one
 * thread per object.
 */
@NullMarked
package io.spillway.rtc.cipher;

import org.jspecify.annotations.NullMarked;
