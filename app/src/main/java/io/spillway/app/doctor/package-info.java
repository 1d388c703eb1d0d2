/**
 * Whether this machine and its LiveKit server are fit for recording. In: the configuration, /proc,
 * a few round trips to the server and over its Redis. Out: findings with advice. Never changes
 * anything.
 */
@NullMarked
package io.spillway.app.doctor;

import org.jspecify.annotations.NullMarked;
