/**
 * What nodes and controllers of Spillway say to each other beside LiveKit's methods: names of the
 * methods, and leases as bytes. In: values of {@code core.fleet}. Out: messages, and back. Never
 * judges and never sends.
 */
@NullMarked
package io.spillway.rpc.fleet;

import org.jspecify.annotations.NullMarked;
