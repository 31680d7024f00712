/** Counts of limits that outlive a restart of a gateway that counts in memory. */
export const counters = `CREATE TABLE counters (
  key        TEXT NOT NULL,
  period     TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  content    TEXT NOT NULL,
  PRIMARY KEY (key, period)
) STRICT;
CREATE INDEX counters_by_expiry ON counters (expires_at);`;
