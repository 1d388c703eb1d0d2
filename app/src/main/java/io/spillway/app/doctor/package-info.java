/**
 * Whether this machine and its LiveKit server are fit for recording. In: the configuration, /proc,
 * one round trip to the server. Out: findings with advice. Never changes anything.
 */
@NullMarked
package io.spillway.app.doctor;

import org.jspecify.annotations.NullMarked;
