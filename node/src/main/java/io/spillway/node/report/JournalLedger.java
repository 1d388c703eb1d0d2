package io.spillway.node.report;

import io.spillway.core.time.Deadline;
import io.spillway.storage.journal.Durability;
import io.spillway.storage.journal.StatusJournal;
import io.spillway.storage.journal.Ticket;

/** The status journal on the node's disk as the reporter's ledger. */
public final class JournalLedger implements StatusReporter.Ledger {
  private final StatusJournal journal;

  /** On an open journal. */
  public JournalLedger(StatusJournal journal) {
    this.journal = journal;
  }

  @Override
  public Entry append(String egressId, int epoch, boolean last, byte[] status) {
    Ticket ticket = journal.append(egressId, epoch, status, last);
    return new Entry() {
      @Override
      public boolean durable(Deadline deadline) throws InterruptedException {
        return ticket.durable(deadline) == Durability.DURABLE;
      }

      @Override
      public void acknowledge() {
        journal.acknowledge(ticket.record().sequence());
      }
    };
  }

  /** The entry of a record that an earlier process wrote. */
  public Entry written(long sequence) {
    return new Entry() {
      @Override
      public boolean durable(Deadline deadline) {
        return true;
      }

      @Override
      public void acknowledge() {
        journal.acknowledge(sequence);
      }
    };
  }
}
