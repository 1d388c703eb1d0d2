-- What several controllers share: who dispatches, what is known of nodes, which webhooks are due.

ALTER TABLE egress ADD COLUMN kind       TEXT    NOT NULL DEFAULT ''; -- EgressInfo's request: track, egress, web, …
ALTER TABLE egress ADD COLUMN region     TEXT    NOT NULL DEFAULT ''; -- of the node that has it
ALTER TABLE egress ADD COLUMN search     TEXT    NOT NULL DEFAULT ''; -- lower case, what a person may look for
ALTER TABLE egress ADD COLUMN events     INTEGER NOT NULL DEFAULT 0;  -- how many events there were: the last one's sequence
ALTER TABLE egress ADD COLUMN dispatcher TEXT    NOT NULL DEFAULT ''; -- the controller that looks for a node; empty: nobody does
ALTER TABLE egress ADD COLUMN claim      BIGINT  NOT NULL DEFAULT 0;  -- rises each time the dispatcher changes
ALTER TABLE egress ADD COLUMN claimed_at BIGINT  NOT NULL DEFAULT 0;

UPDATE egress SET search = lower(egress_id || ' ' || room_name);

CREATE INDEX egress_dispatched ON egress (dispatcher) WHERE dispatcher <> '';

-- A node as it was last judged. Leases live in the controllers' memory; here are only changes.
CREATE TABLE node (
  node_id    TEXT   NOT NULL PRIMARY KEY,
  kind       TEXT   NOT NULL, -- spillway, go
  region     TEXT   NOT NULL,
  version    TEXT   NOT NULL,
  started_at BIGINT NOT NULL,
  state      TEXT   NOT NULL,
  reason     TEXT   NOT NULL,
  changed_at BIGINT NOT NULL, -- when state or reason changed
  changes    BIGINT NOT NULL  -- how often they did
);

CREATE TABLE node_change (
  node_id TEXT   NOT NULL REFERENCES node (node_id) ON DELETE CASCADE,
  number  BIGINT NOT NULL, -- node.changes after it
  at      BIGINT NOT NULL,
  state   TEXT   NOT NULL,
  reason  TEXT   NOT NULL,
  PRIMARY KEY (node_id, number)
);

-- Duties that one controller has at a time. No clock is compared: whoever sees the same epoch and
-- beats for the whole term by its own monotonic clock may take the lease over.
CREATE TABLE lease (
  name   TEXT   NOT NULL PRIMARY KEY,
  holder TEXT   NOT NULL, -- empty: free
  epoch  BIGINT NOT NULL, -- rises with each new holder
  beats  BIGINT NOT NULL  -- rises with each renewal
);

-- An event and who is to hear of it. Written with the egress row in one transaction.
CREATE TABLE outbox_event (
  event_id   TEXT    NOT NULL PRIMARY KEY,
  egress_id  TEXT    NOT NULL REFERENCES egress (egress_id) ON DELETE CASCADE,
  sequence   INTEGER NOT NULL, -- egress.events after it
  kind       TEXT    NOT NULL,
  created_at BIGINT  NOT NULL,
  info       BYTEA   NOT NULL  -- livekit.EgressInfo at that moment
);

CREATE INDEX outbox_event_of_egress ON outbox_event (egress_id, sequence);
CREATE INDEX outbox_event_newest ON outbox_event (created_at, event_id);

CREATE TABLE outbox_delivery (
  event_id   TEXT    NOT NULL REFERENCES outbox_event (event_id) ON DELETE CASCADE,
  url        TEXT    NOT NULL,
  api_key    TEXT    NOT NULL, -- whose secret signs
  egress_id  TEXT    NOT NULL,
  sequence   INTEGER NOT NULL,
  state      INTEGER NOT NULL, -- 0 waiting, 1 delivered, 2 given up
  attempts   INTEGER NOT NULL,
  next_at    BIGINT  NOT NULL, -- of the next attempt
  expires_at BIGINT  NOT NULL, -- then it is given up
  ended_at   BIGINT  NOT NULL, -- delivered or given up
  last_error TEXT    NOT NULL,
  PRIMARY KEY (event_id, url, api_key)
);

CREATE INDEX outbox_waiting ON outbox_delivery (url, next_at, expires_at) WHERE state = 0;
CREATE INDEX outbox_waiting_of_egress ON outbox_delivery (egress_id, url, api_key, sequence) WHERE state = 0;

-- Starts that carried an Idempotency-Key.
CREATE TABLE start_key (
  api_key    TEXT   NOT NULL,
  start_key  TEXT   NOT NULL,
  body_hash  TEXT   NOT NULL,
  egress_id  TEXT   NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (api_key, start_key)
);

CREATE INDEX start_key_oldest ON start_key (created_at);
