package io.spillway.controller.repair;

import io.spillway.core.fleet.Lease;
import io.spillway.core.fleet.RepairLadder.Step;
import java.util.Set;

/**
 * Whoever can start and end nodes. Every act blocks, for some seconds at most, and says in words
 * what it did; acts are called one at a time.
 */
public interface Supervisor extends AutoCloseable {
  /**
   * How far it reaches: of the controllers whose supervisors reach as far, one acts at a time.
   * Empty: nowhere.
   */
  String reach();

  /** What it could do to this node: some of REPLACE, DRAIN and KILL. Does not block. */
  Set<Step> possible(Lease node);

  /**
   * Starts another node beside this one, which goes on.
   *
   * @throws RepairException when there is none
   */
  String replace(Lease node) throws InterruptedException;

  /**
   * Tells the node, past its RPC, to end once its recordings have ended by themselves.
   *
   * @throws RepairException when it could not be told
   */
  String drain(Lease node) throws InterruptedException;

  /**
   * Ends the node at once, and sees that another one takes up what is left in its data folder where
   * that can be reached.
   *
   * @throws RepairException when it goes on, or nobody takes it up
   */
  String kill(Lease node) throws InterruptedException;

  @Override
  void close();

  /** Can't do anything: people repair. */
  static Supervisor none() {
    return new Supervisor() {
      @Override
      public String reach() {
        return "";
      }

      @Override
      public Set<Step> possible(Lease node) {
        return Set.of();
      }

      @Override
      public String replace(Lease node) {
        throw new RepairException("no supervisor is configured");
      }

      @Override
      public String drain(Lease node) {
        throw new RepairException("no supervisor is configured");
      }

      @Override
      public String kill(Lease node) {
        throw new RepairException("no supervisor is configured");
      }

      @Override
      public void close() {}
    };
  }
}
