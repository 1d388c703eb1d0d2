/**
 * What processes, machine, node and store say of themselves. In: /proc, /metrics, the node's
 * database. Out: values. Never disturbs what it measures more than by reading.
 */
@NullMarked
package io.spillway.bench.meter;

import org.jspecify.annotations.NullMarked;
