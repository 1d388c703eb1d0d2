package io.spillway.rpc.fleet;

import io.spillway.core.fleet.Admission;
import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.LeaseOrder;
import io.spillway.core.fleet.Place;
import io.spillway.protocol.fleet.HeldEgress;
import io.spillway.protocol.fleet.LeaseAnswer;
import io.spillway.protocol.fleet.LeaseReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Leases and their answers as messages. A peer's newer fields and orders are left out. */
public final class LeaseMessages {
  /** Where a controller takes leases: a POST with a {@link LeaseReport} as body. */
  public static final String PATH = "/fleet/lease";

  /** Of the bodies on that path. */
  public static final String CONTENT_TYPE = "application/protobuf";

  private static final int FORMAT = 1;

  private LeaseMessages() {}

  /** A node's lease on its way. */
  public static LeaseReport report(Lease lease) {
    LeaseReport.Builder report =
        LeaseReport.newBuilder()
            .setFormat(FORMAT)
            .setNodeId(lease.nodeId())
            .setNumber(lease.number())
            .setRegion(lease.region())
            .setClusterId(lease.cluster())
            .setVersion(lease.version())
            .setSentAt(lease.sentAtUnixNanos())
            .setDraining(lease.draining())
            .setOldestStatusMillis(lease.oldestStatus().toMillis())
            .setCores(lease.load().cores())
            .setBusyCores(lease.load().busyCores())
            .setReservedCores(lease.load().reservedCores())
            .setMaxCpuUtilization(lease.limits().maxCpuUtilization())
            .setMemoryBytes(lease.load().processMemoryBytes())
            .setReservedMemoryBytes(lease.load().reservedMemoryBytes())
            .setMaxMemoryBytes(lease.limits().maxMemoryBytes())
            .setRecordings(lease.load().recordings())
            .setMaxRecordings(lease.limits().maxRecordings())
            .setNextCores(lease.cost().cores())
            .setNextMemoryBytes(lease.cost().memoryBytes())
            .setPlace(
                LeaseReport.Place.newBuilder()
                    .setMachine(lease.place().machine())
                    .setPid(lease.place().pid())
                    .setBegunMillis(lease.place().begunUnixMillis())
                    .setPod(lease.place().pod())
                    .setData(lease.place().data()));
    for (Lease.Held held : lease.egresses()) {
      report.addEgresses(
          HeldEgress.newBuilder()
              .setEgressId(held.egressId())
              .setEpoch(held.epoch())
              .setBytes(held.bytes())
              .setMediaNanos(held.mediaNanos()));
    }
    return report.build();
  }

  /**
   * A lease that came.
   *
   * @throws IllegalArgumentException when it names no node
   */
  public static Lease lease(LeaseReport report) {
    return new Lease(
        report.getNodeId(),
        report.getNumber(),
        report.getRegion(),
        report.getClusterId(),
        report.getVersion(),
        new Admission.Load(
            report.getCores(),
            report.getBusyCores(),
            report.getMemoryBytes(),
            report.getRecordings(),
            report.getReservedCores(),
            report.getReservedMemoryBytes()),
        new Admission.Limits(
            report.getMaxCpuUtilization(), report.getMaxMemoryBytes(), report.getMaxRecordings()),
        new Admission.Cost(report.getNextCores(), report.getNextMemoryBytes()),
        report.getDraining(),
        Duration.ofMillis(report.getOldestStatusMillis()),
        report.getEgressesList().stream()
            .map(held ->
                new Lease.Held(
                    held.getEgressId(), held.getEpoch(), held.getBytes(), held.getMediaNanos()))
            .toList(),
        report.getSentAt(),
        new Place(
            report.getPlace().getMachine(),
            report.getPlace().getPid(),
            report.getPlace().getBegunMillis(),
            report.getPlace().getPod(),
            report.getPlace().getData()));
  }

  /** A controller's answer on its way. */
  public static LeaseAnswer answer(String controllerId, List<LeaseOrder> orders) {
    LeaseAnswer.Builder answer =
        LeaseAnswer.newBuilder().setFormat(FORMAT).setControllerId(controllerId);
    orders.forEach(order -> answer.addOrders(message(order)));
    return answer.build();
  }

  private static io.spillway.protocol.fleet.LeaseOrder message(LeaseOrder order) {
    var message = io.spillway.protocol.fleet.LeaseOrder.newBuilder();
    switch (order) {
      case LeaseOrder.RebuildRpc(String reason) ->
          message.setKind(io.spillway.protocol.fleet.LeaseOrder.Kind.REBUILD_RPC).setReason(reason);
      case LeaseOrder.Drain(String reason) ->
          message.setKind(io.spillway.protocol.fleet.LeaseOrder.Kind.DRAIN).setReason(reason);
      case LeaseOrder.RefreshSignalling(String reason) ->
          message
              .setKind(io.spillway.protocol.fleet.LeaseOrder.Kind.REFRESH_SIGNALLING)
              .setReason(reason);
      case LeaseOrder.Fence(String egressId, int epoch, String reason) ->
          message
              .setKind(io.spillway.protocol.fleet.LeaseOrder.Kind.FENCE)
              .setEgressId(egressId)
              .setEpoch(epoch)
              .setReason(reason);
    }
    return message.build();
  }

  /** The orders of an answer; those that this version doesn't know are left out. */
  public static List<LeaseOrder> orders(LeaseAnswer answer) {
    List<LeaseOrder> orders = new ArrayList<>();
    for (var order : answer.getOrdersList()) {
      switch (order.getKind()) {
        case REBUILD_RPC -> orders.add(new LeaseOrder.RebuildRpc(order.getReason()));
        case DRAIN -> orders.add(new LeaseOrder.Drain(order.getReason()));
        case REFRESH_SIGNALLING -> orders.add(new LeaseOrder.RefreshSignalling(order.getReason()));
        case FENCE ->
            orders.add(
                new LeaseOrder.Fence(order.getEgressId(), order.getEpoch(), order.getReason()));
        case NOTHING, UNRECOGNIZED -> {}
      }
    }
    return orders;
  }
}
