/**
 * The log of statuses that a node still has to report. In: reports as bytes, one after the other,
 * and acknowledgements. Out: a promise for each that it is on disk, and after a restart those that
 * nobody acknowledged. Never sends anything, never looks into a report, never makes one wait for
 * the disk.
 */
@NullMarked
package io.spillway.storage.journal;

import org.jspecify.annotations.NullMarked;
