import type { Queryable } from './store.ts';

/** How far a spool was read: everything before it is in the sums. */
export interface SpendPosition {
  readonly segment: number;
  readonly offset: number;
}

/** What one requester spent on one service in a day. */
export interface SpendDayKey {
  /** `2026-11-22`, UTC. */
  readonly day: string;
  readonly requester: string;
  readonly requesterType: string;
  readonly workspaceId: string;
  /** Full name; empty where none was reached. */
  readonly service: string;
  /** The service's tags as JSON, keys sorted. */
  readonly tags: string;
}

export interface SpendDay extends SpendDayKey {
  /** Exact dollars, decimal text. */
  readonly amount: string;
}

/** What counts for a budget: of one period, of everybody (`subject` empty) or of one requester. */
export interface BudgetSpendKey {
  readonly budgetId: string;
  /** `DAY 2026-11-22`, `WEEK 2026-W47`, `MONTH 2026-11`. */
  readonly period: string;
  readonly subject: string;
}

export async function readSpendPosition(db: Queryable, spoolId: string): Promise<SpendPosition | undefined> {
  const row = await db.get('SELECT segment, byte_offset FROM spend_positions WHERE spool_id = ?', spoolId);
  return row && { segment: row['segment'] as number, offset: row['byte_offset'] as number };
}

export async function writeSpendPosition(tx: Queryable, spoolId: string, position: SpendPosition): Promise<void> {
  await tx.run(
    `INSERT INTO spend_positions (spool_id, segment, byte_offset) VALUES (?, ?, ?)
     ON CONFLICT (spool_id) DO UPDATE SET segment = excluded.segment, byte_offset = excluded.byte_offset`,
    spoolId,
    position.segment,
    position.offset,
  );
}

export async function readSpendDay(db: Queryable, key: SpendDayKey): Promise<string | undefined> {
  const row = await db.get(
    `SELECT amount FROM spend_days
     WHERE requester = ? AND day = ? AND requester_type = ? AND workspace_id = ? AND service = ? AND tags = ?`,
    key.requester,
    key.day,
    key.requesterType,
    key.workspaceId,
    key.service,
    key.tags,
  );
  return row?.['amount'] as string | undefined;
}

export async function writeSpendDay(tx: Queryable, { amount, ...key }: SpendDay): Promise<void> {
  await tx.run(
    `INSERT INTO spend_days (requester, day, requester_type, workspace_id, service, tags, amount)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (requester, day, requester_type, workspace_id, service, tags) DO UPDATE SET amount = excluded.amount`,
    key.requester,
    key.day,
    key.requesterType,
    key.workspaceId,
    key.service,
    key.tags,
    amount,
  );
}

/** What was spent from one day to another, both included; by everybody, or by one requester. */
export async function readSpendDays(
  db: Queryable,
  range: { readonly from: string; readonly to: string; readonly requester?: string },
): Promise<SpendDay[]> {
  const { from, to, requester } = range;
  const rows =
    requester === undefined
      ? await db.all('SELECT * FROM spend_days WHERE day >= ? AND day <= ?', from, to)
      : await db.all('SELECT * FROM spend_days WHERE requester = ? AND day >= ? AND day <= ?', requester, from, to);
  return rows.map((row) => ({
    day: row['day'] as string,
    requester: row['requester'] as string,
    requesterType: row['requester_type'] as string,
    workspaceId: row['workspace_id'] as string,
    service: row['service'] as string,
    tags: row['tags'] as string,
    amount: row['amount'] as string,
  }));
}

export async function readBudgetSpend(db: Queryable, key: BudgetSpendKey): Promise<string | undefined> {
  const row = await db.get(
    'SELECT amount FROM budget_spend WHERE budget_id = ? AND period = ? AND subject = ?',
    key.budgetId,
    key.period,
    key.subject,
  );
  return row?.['amount'] as string | undefined;
}

/** A sum as it stands. */
export interface BudgetSpend extends BudgetSpendKey {
  readonly amount: string;
}

/** The sums that were changed after change `after`, in order, with the number of their change. */
export async function readChangedSpend(
  db: Queryable,
  after: number,
): Promise<(BudgetSpend & { readonly changed: number })[]> {
  const rows = await db.all(
    'SELECT budget_id, period, subject, amount, changed FROM budget_spend WHERE changed > ? ORDER BY changed',
    after,
  );
  return rows.map((row) => ({
    budgetId: row['budget_id'] as string,
    period: row['period'] as string,
    subject: row['subject'] as string,
    amount: row['amount'] as string,
    changed: row['changed'] as number,
  }));
}

/** Number of the newest change of sums. */
export async function lastSpendChange(db: Queryable): Promise<number> {
  const row = await db.get("SELECT revision FROM revisions WHERE area = 'spend'");
  return (row?.['revision'] as number | undefined) ?? 0;
}

/** @param changed number of the change that this is part of. */
export async function writeBudgetSpend(tx: Queryable, sum: BudgetSpend, changed: number): Promise<void> {
  await tx.run(
    `INSERT INTO budget_spend (budget_id, period, subject, amount, changed) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (budget_id, period, subject) DO UPDATE SET amount = excluded.amount, changed = excluded.changed`,
    sum.budgetId,
    sum.period,
    sum.subject,
    sum.amount,
    changed,
  );
}

/** Says that a budget is counted in a period from now on. @returns whether it was not before. */
export async function startCounting(tx: Queryable, budgetId: string, period: string): Promise<boolean> {
  return (
    (await tx.run(
      'INSERT INTO budget_starts (budget_id, period) VALUES (?, ?) ON CONFLICT (budget_id, period) DO NOTHING',
      budgetId,
      period,
    )) > 0
  );
}

/** Says that an alert was raised. @returns whether it was not before. */
export async function raiseAlert(
  tx: Queryable,
  alert: { readonly alert: string; readonly period: string; readonly subject: string; readonly at: number },
): Promise<boolean> {
  return (
    (await tx.run(
      `INSERT INTO budget_alerts (alert, period, subject, raised_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (alert, period, subject) DO NOTHING`,
      alert.alert,
      alert.period,
      alert.subject,
      alert.at,
    )) > 0
  );
}

/** Forgets what is of no more use: periods before these, of their kind, and days before `day`. */
export async function forgetSpend(
  tx: Queryable,
  before: { readonly periods: readonly { readonly kind: string; readonly id: string }[]; readonly day: string },
): Promise<void> {
  for (const { kind, id } of before.periods) {
    for (const table of ['budget_spend', 'budget_starts', 'budget_alerts']) {
      await tx.run(`DELETE FROM ${table} WHERE period >= ? AND period < ?`, `${kind} `, id);
    }
  }
  await tx.run('DELETE FROM spend_days WHERE day < ?', before.day);
}
