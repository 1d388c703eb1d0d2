/**
 * What a node does first: finishes what an earlier process of it left. In: parts in the spool,
 * statuses in the journal, what is stored of each egress. Out: files that are whole, recordings
 * that go on as the next part, or a last status. Never touches a part that another process writes
 * (the spool is locked).
 */
@NullMarked
package io.spillway.node.recovery;

import org.jspecify.annotations.NullMarked;
