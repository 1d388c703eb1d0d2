/**
 * The main job on one machine, in one command. In: a livekit-server binary, FFmpeg. Out: two
 * recordings that were looked at, and an exit code that says whether they are right. Uses the HTTP
 * API like any other client.
 */
@NullMarked
package io.spillway.app.demo;

import org.jspecify.annotations.NullMarked;
