/**
 * Whether this node takes one more egress. In: what the machine is measured to do, what room its
 * disks have, what the operator allows. Out: a reservation, or the reason to refuse. Never waits.
 */
@NullMarked
package io.spillway.node.admission;

import org.jspecify.annotations.NullMarked;
