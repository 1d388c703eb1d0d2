/**
 * Watches what is stored and what nodes show, judges it by the rules of {@code core.alert}, and
 * tells people: Alertmanager, a webhook, the log, the dashboard. In: the store, progress, signs of
 * nodes. Out: alerts, and figures for the dashboard. Never changes an egress or a node.
 */
@NullMarked
package io.spillway.controller.alert;

import org.jspecify.annotations.NullMarked;
