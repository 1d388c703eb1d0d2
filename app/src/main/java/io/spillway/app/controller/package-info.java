/**
 * The deciding half of a process: in {@code spillway up} beside a node, in {@code spillway
 * controller} alone with others like it. In: a checked configuration. Out: a served API. Never
 * records.
 */
@NullMarked
package io.spillway.app.controller;

import org.jspecify.annotations.NullMarked;
