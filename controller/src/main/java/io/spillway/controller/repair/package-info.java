/**
 * Mends the fleet without people. In: the nodes as the fleet's book judges them, what was done
 * before as the store remembers it. Out: replacements, drains and ends of nodes, carried out by a
 * {@link io.spillway.controller.repair.Supervisor}, each step noted in the node's history. Decides
 * nothing itself (that is {@link io.spillway.core.fleet.RepairLadder}) and never touches an egress.
 */
@NullMarked
package io.spillway.controller.repair;

import org.jspecify.annotations.NullMarked;
