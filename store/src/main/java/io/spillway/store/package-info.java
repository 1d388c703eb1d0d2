/**
 * What is known of every egress: its last status, who records it, its way here.
 *
 * <p>In come new egresses, status updates and fences; out go stored egresses, pages of them and
 * their timelines. It keeps the rules that hold whatever callers do (status only forward, old
 * epochs and sequences change nothing, final stays final) and counts what it refused. It never
 * decides where an egress runs, never calls a node and never reads a request's secrets.
 */
@NullMarked
package io.spillway.store;

import org.jspecify.annotations.NullMarked;
