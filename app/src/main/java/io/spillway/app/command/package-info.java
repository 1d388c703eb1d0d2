/**
 * The command line. In: arguments, environment. Out: text or JSON for people and scripts, and an
 * exit code ({@link io.spillway.app.command.ExitCode}). Decides nothing about recordings: clients
 * of the HTTP API like any other.
 */
@NullMarked
package io.spillway.app.command;

import org.jspecify.annotations.NullMarked;
