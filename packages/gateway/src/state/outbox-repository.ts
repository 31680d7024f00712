import type { Queryable } from './store.ts';

/** One message on its way to one place. */
export interface OutboxRow {
  readonly id: string;
  readonly channel: 'email' | 'webhook';
  /** E-mail address, or the webhook's URL; empty: every webhook there is. */
  readonly target: string;
  /** JSON. */
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** How often it was tried. */
  readonly tries: number;
}

export async function insertOutbox(tx: Queryable, row: Omit<OutboxRow, 'tries'>): Promise<void> {
  await tx.run(
    `INSERT INTO alert_outbox (id, channel, target, message, created_at, due_at, tries, state, last_error)
     VALUES (?, ?, ?, ?, ?, ?, 0, 'waiting', NULL)`,
    row.id,
    row.channel,
    row.target,
    row.message,
    row.createdAt,
    row.createdAt,
  );
}

/**
 * Takes messages that are due; nobody else takes them until `until`, when they are due again (whoever took them may
 * have died). Times are milliseconds since 1970.
 */
export async function claimOutbox(tx: Queryable, now: number, until: number, most: number): Promise<OutboxRow[]> {
  const rows = await tx.all(
    "SELECT * FROM alert_outbox WHERE state = 'waiting' AND due_at <= ? ORDER BY due_at, id LIMIT ?",
    now,
    most,
  );
  for (const row of rows) await tx.run('UPDATE alert_outbox SET due_at = ? WHERE id = ?', until, row['id'] as string);
  return rows.map((row) => ({
    id: row['id'] as string,
    channel: row['channel'] as OutboxRow['channel'],
    target: row['target'] as string,
    message: row['message'] as string,
    createdAt: row['created_at'] as number,
    tries: row['tries'] as number,
  }));
}

/** The message has arrived. */
export async function removeOutbox(db: Queryable, id: string): Promise<void> {
  await db.run('DELETE FROM alert_outbox WHERE id = ?', id);
}

/** The message has not arrived; `dueAt` is when it is tried again, `undefined`: no more. */
export async function postponeOutbox(
  db: Queryable,
  id: string,
  { dueAt, error }: { readonly dueAt: number | undefined; readonly error: string },
): Promise<void> {
  await db.run(
    'UPDATE alert_outbox SET tries = tries + 1, due_at = ?, state = ?, last_error = ? WHERE id = ?',
    dueAt ?? 0,
    dueAt === undefined ? 'failed' : 'waiting',
    error.slice(0, 500),
    id,
  );
}
