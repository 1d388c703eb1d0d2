/**
 * What the operator said. In: a YAML file with livekit/egress's keys and ours, LIVEKIT_* variables,
 * flags. Out: one checked configuration ({@link io.spillway.app.config.SpillwayConfig}, or one that
 * holds it) and the warnings worth showing. Never reads anything else, never logs a value.
 */
@NullMarked
package io.spillway.app.config;

import org.jspecify.annotations.NullMarked;
