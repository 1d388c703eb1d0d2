package io.spillway.store.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.spillway.core.time.SimulatedTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The room that the store keeps for itself. */
class DiskReserveTest {
  @TempDir Path folder;
  private final SimulatedTime time = new SimulatedTime();
  private long usable = Long.MAX_VALUE;

  private DiskReserve reserve() {
    return new DiskReserve(folder, folder -> usable, time);
  }

  private Path file() {
    return folder.resolve("reserve");
  }

  @Test
  void itIsGivenUpOnceAndMadeAgainWhenThereIsRoom() {
    DiskReserve reserve = reserve();
    assertThat(reserve.release()).as("nothing held yet").isFalse();
    reserve.restoreIfDue();
    assertThat(file()).hasSize(DiskReserve.BYTES);

    assertThat(reserve.release()).isTrue();
    assertThat(file()).doesNotExist();
    assertThat(reserve.release()).as("given up already").isFalse();

    reserve.restoreIfDue();
    assertThat(file()).as("not at once: the disk is full").doesNotExist();
    usable = DiskReserve.ROOM_TO_RESTORE - 1;
    time.advance(DiskReserve.RESTORE_EVERY);
    reserve.restoreIfDue();
    assertThat(file()).as("too little room").doesNotExist();
    usable = DiskReserve.ROOM_TO_RESTORE;
    reserve.restoreIfDue();
    assertThat(file()).as("looked a moment ago").doesNotExist();
    time.advance(DiskReserve.RESTORE_EVERY);
    reserve.restoreIfDue();
    assertThat(file()).hasSize(DiskReserve.BYTES);
    assertThat(reserve.release()).isTrue();
  }

  @Test
  void aFullDiskGetsNoReserve() {
    usable = DiskReserve.ROOM_TO_RESTORE - 1;
    DiskReserve reserve = reserve();
    reserve.restoreIfDue();
    assertThat(file()).doesNotExist();
    assertThat(reserve.release()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "SQLITE_FULL, true",
    "SQLITE_IOERR, true",
    "SQLITE_IOERR_SHMSIZE, true",
    "SQLITE_IOERR_FSYNC, true",
    "SQLITE_BUSY, false",
    "SQLITE_CONSTRAINT_PRIMARYKEY, false",
    "SQLITE_CORRUPT, false"
  })
  void onlyAFailureThatMayBeAFullDisksGivesItUp(SQLiteErrorCode code, boolean full) {
    Throwable failure = new IllegalStateException(new SQLiteException("why", code));
    assertThat(DiskReserve.isForFullDisk(failure)).isEqualTo(full);
    assertThat(DiskReserve.isForFullDisk(new IllegalStateException(new SQLException("other"))))
        .isFalse();
  }

  @Test
  void theReserveOfAnEarlierProcessIsTakenOverAndATornOneIsMadeAnew() throws IOException {
    reserve().restoreIfDue();
    usable = 0;
    DiskReserve second = reserve();
    second.restoreIfDue();
    assertThat(second.release()).isTrue();

    usable = Long.MAX_VALUE;
    Files.write(file(), new byte[10]);
    DiskReserve third = reserve();
    third.restoreIfDue();
    assertThat(file()).hasSize(DiskReserve.BYTES);
  }
}
