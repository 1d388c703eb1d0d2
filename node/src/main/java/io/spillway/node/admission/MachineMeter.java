package io.spillway.node.admission;

/** Reads what the machine and this process use. Called about once a second. */
public interface MachineMeter {
  /** One reading; counters only grow. */
  Reading read();

  /**
   * What a reading holds.
   *
   * @param machineBusyNanos CPU time spent by everybody on all cores since some fixed moment
   * @param processCpuNanos CPU time spent by this process
   * @param processMemoryBytes resident memory of this process
   */
  record Reading(
      double cores, long machineBusyNanos, long processCpuNanos, long processMemoryBytes) {}
}
