-- EgressInfo with nothing but the file_results of recorders that the egress was taken from: whoever
-- goes on with it reports its own files only.
ALTER TABLE egress ADD COLUMN earlier BYTEA NOT NULL DEFAULT '';
