package io.spillway.node.report;

import com.google.protobuf.InvalidProtocolBufferException;
import io.spillway.core.time.Deadline;
import io.spillway.protocol.livekit.EgressInfo;
import io.spillway.storage.journal.Durability;
import io.spillway.storage.journal.JournalRecord;
import io.spillway.storage.journal.StatusJournal;
import io.spillway.storage.journal.Ticket;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The status journal on the node's disk as the reporter's ledger. */
public final class JournalLedger implements StatusReporter.Ledger {
  private static final Logger LOG = LoggerFactory.getLogger(JournalLedger.class);

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
      public Durability durable(Deadline deadline) throws InterruptedException {
        return ticket.durable(deadline);
      }

      @Override
      public void acknowledge() {
        journal.acknowledge(ticket.record().sequence());
      }
    };
  }

  /**
   * Reports again what an earlier process of this node left in the journal; the newest status of
   * each egress in it.
   */
  public Map<String, EgressInfo> replay(StatusReporter reporter) {
    Map<String, EgressInfo> newest = new HashMap<>();
    for (JournalRecord record : journal.pending()) {
      try {
        EgressInfo info = EgressInfo.parseFrom(record.bytes());
        newest.put(record.key(), info);
        reporter.replayed(info, record.last(), written(record.sequence()));
      } catch (InvalidProtocolBufferException damaged) {
        LOG.atError()
            .addKeyValue("egress", record.key())
            .setCause(damaged)
            .log("a status in the journal is damaged");
        journal.acknowledge(record.sequence());
      }
    }
    return newest;
  }

  private Entry written(long sequence) {
    return new Entry() {
      @Override
      public Durability durable(Deadline deadline) {
        return Durability.DURABLE;
      }

      @Override
      public void acknowledge() {
        journal.acknowledge(sequence);
      }
    };
  }
}
