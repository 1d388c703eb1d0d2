-- One text for SQLite and PostgreSQL. Times are Unix nanoseconds. Statuses are LiveKit's EgressStatus
-- numbers: 0 starting, 1 active, 2 ending; from 3 on they are final.

CREATE TABLE egress (
  egress_id      TEXT    NOT NULL PRIMARY KEY,
  room_name      TEXT    NOT NULL,
  status         INTEGER NOT NULL,
  epoch          INTEGER NOT NULL,
  sequence       BIGINT  NOT NULL,
  node           TEXT    NOT NULL,
  created_at     BIGINT  NOT NULL,
  updated_at     BIGINT  NOT NULL,
  revision       BIGINT  NOT NULL, -- rises with each write: two writers that read the same row can't both win
  info           BYTEA   NOT NULL, -- livekit.EgressInfo, secrets redacted
  sealed_request BYTEA   NOT NULL  -- empty once erased
);

CREATE INDEX egress_newest ON egress (created_at, egress_id);
CREATE INDEX egress_of_room ON egress (room_name, created_at, egress_id);
CREATE INDEX egress_unfinished ON egress (created_at, egress_id) WHERE status IN (0, 1, 2);

CREATE TABLE egress_timeline (
  egress_id TEXT    NOT NULL REFERENCES egress (egress_id) ON DELETE CASCADE,
  revision  BIGINT  NOT NULL, -- of the egress row after the step
  at        BIGINT  NOT NULL,
  status    INTEGER NOT NULL,
  epoch     INTEGER NOT NULL,
  node      TEXT    NOT NULL,
  reason    TEXT    NOT NULL,
  PRIMARY KEY (egress_id, revision)
);
