/**
 * The parts of an egress that a crash cut. In: parts in the spool whose files are whole. Out: one
 * file with the gaps filled where that is possible, else the parts as they are; what EgressInfo and
 * the manifest say of them. A kill at any moment loses nothing and doubles nothing. Never reports,
 * never decides whether an egress goes on.
 */
@NullMarked
package io.spillway.node.parts;

import org.jspecify.annotations.NullMarked;
