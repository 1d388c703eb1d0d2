package io.spillway.controller.dashboard;

import io.spillway.controller.alert.EgressWatch;
import io.spillway.controller.alert.FleetView;
import io.spillway.controller.status.ProgressSource;
import io.spillway.core.alert.Standing;
import io.spillway.core.alert.Starts;
import io.spillway.store.EgressStore;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What the dashboard shows and whom it asks to act.
 *
 * @param watch that somebody else makes look; its figures are shown
 * @param starts that the watch counts on
 * @param alerts that stand now
 * @param stopEgress stops an egress by id; throws what the API would answer
 * @param version of the program
 */
public record DashboardParts(
    EgressStore store,
    ProgressSource progress,
    EgressWatch watch,
    Starts starts,
    FleetView fleet,
    Supplier<List<Standing>> alerts,
    Consumer<String> stopEgress,
    String version) {}
