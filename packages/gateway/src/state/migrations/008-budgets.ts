/** Budgets, what was spent, and alerts on their way. Amounts are exact decimal text in US dollars. */
export const budgets = `CREATE TABLE budgets (
  id         TEXT PRIMARY KEY,
  definition TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE spend_positions (
  spool_id    TEXT PRIMARY KEY,
  segment     INTEGER NOT NULL,
  byte_offset INTEGER NOT NULL
) STRICT;
CREATE TABLE spend_days (
  day            TEXT NOT NULL,
  requester      TEXT NOT NULL,
  requester_type TEXT NOT NULL,
  workspace_id   TEXT NOT NULL,
  service        TEXT NOT NULL,
  tags           TEXT NOT NULL,
  amount         TEXT NOT NULL,
  PRIMARY KEY (requester, day, requester_type, workspace_id, service, tags)
) STRICT;
CREATE INDEX spend_days_by_day ON spend_days (day);
CREATE TABLE budget_spend (
  budget_id TEXT NOT NULL,
  period    TEXT NOT NULL,
  subject   TEXT NOT NULL,
  amount    TEXT NOT NULL,
  changed   INTEGER NOT NULL,
  PRIMARY KEY (budget_id, period, subject)
) STRICT;
CREATE INDEX budget_spend_changed ON budget_spend (changed);
CREATE TABLE budget_starts (
  budget_id TEXT NOT NULL,
  period    TEXT NOT NULL,
  PRIMARY KEY (budget_id, period)
) STRICT;
CREATE TABLE budget_alerts (
  alert   TEXT NOT NULL,
  period  TEXT NOT NULL,
  subject TEXT NOT NULL,
  raised_at INTEGER NOT NULL,
  PRIMARY KEY (alert, period, subject)
) STRICT;
CREATE TABLE alert_outbox (
  id         TEXT PRIMARY KEY,
  channel    TEXT NOT NULL,
  target     TEXT NOT NULL,
  message    TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  due_at     INTEGER NOT NULL,
  tries      INTEGER NOT NULL,
  state      TEXT NOT NULL,
  last_error TEXT
) STRICT;
CREATE INDEX alert_outbox_due ON alert_outbox (state, due_at);`;
