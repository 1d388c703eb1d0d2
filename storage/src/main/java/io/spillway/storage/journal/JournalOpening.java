package io.spillway.storage.journal;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a journal's file in as it is found. A node must start whatever that file is like. */
final class JournalOpening {
  private static final Logger log = LoggerFactory.getLogger(JournalOpening.class);

  private JournalOpening() {}

  /**
   * What was found.
   *
   * @param bytes of the file; 0 when it can't be read
   * @param damaged whether it can't be read, or what is whole in it lies behind what is not
   */
  record Found(int bytes, JournalFormat.Content content, boolean damaged) {}

  /**
   * Reads the file.
   *
   * @throws IOException when a newer program wrote it
   */
  static Found open(JournalDisk disk) throws IOException {
    byte[] file;
    try {
      file = disk.load();
    } catch (IOException unreadable) {
      log.atError()
          .addKeyValue("why", unreadable.toString())
          .log("the status journal can't be read: it is moved aside and begun anew");
      keepAside(disk, false);
      return new Found(0, JournalFormat.read(new byte[0]), true);
    }
    JournalFormat.Content content = JournalFormat.read(file);
    if (content.damagedBytes() > 0) {
      log.atError()
          .addKeyValue("bytes", content.damagedBytes())
          .addKeyValue("reports", content.pending().size())
          .log("the status journal is damaged: a copy is kept aside, what is whole is taken up");
      keepAside(disk, true);
    }
    return new Found(file.length, content, content.damagedBytes() > 0);
  }

  private static void keepAside(JournalDisk disk, boolean readable) {
    try {
      disk.keepAside(readable);
    } catch (IOException failure) { // statuses matter more than what is left of old ones
      log.atError().setCause(failure).log("the damaged status journal could not be kept aside");
    }
  }
}
