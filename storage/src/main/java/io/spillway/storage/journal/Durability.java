package io.spillway.storage.journal;

/** How safe a record is. */
public enum Durability {
  /** It survives a power cut. */
  DURABLE,
  /** The disk is full or failing: the record lives in this process only. Send it all the same. */
  MEMORY_ONLY,
  /** The disk has not answered in time. */
  NOT_YET
}
