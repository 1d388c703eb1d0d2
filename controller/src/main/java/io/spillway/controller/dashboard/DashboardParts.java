package io.spillway.controller.dashboard;

import io.spillway.controller.alert.EgressWatch;
import io.spillway.controller.alert.FleetView;
import io.spillway.controller.repair.Replacements;
import io.spillway.controller.status.ProgressSource;
import io.spillway.controller.webhook.Webhooks;
import io.spillway.core.alert.Standing;
import io.spillway.core.alert.Starts;
import io.spillway.store.ControllerStore;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What the dashboard shows and whom it asks to act.
 *
 * @param watch that somebody else makes look; its figures are shown
 * @param starts that the watch counts on
 * @param alerts that stand now
 * @param webhooks what was and is to be delivered
 * @param stopEgress stops an egress by id; throws what the API would answer
 * @param drainNode makes a node take no more work, with a reason; whether it is known
 * @param replacements is asked for another node beside one
 * @param version of the program
 */
public record DashboardParts(
    ControllerStore store,
    ProgressSource progress,
    EgressWatch watch,
    Starts starts,
    FleetView fleet,
    Supplier<List<Standing>> alerts,
    Webhooks webhooks,
    Consumer<String> stopEgress,
    BiPredicate<String, String> drainNode,
    Replacements replacements,
    String version) {}
