-- Finds what is old enough to be removed without a pass over the whole history.
CREATE INDEX egress_ended ON egress (updated_at) WHERE status > 2;
