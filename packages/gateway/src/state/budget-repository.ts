import type { Queryable, Store } from './store.ts';

/** A budget as stored: `definition` is the JSON that the API shows. Times are milliseconds since 1970. */
export interface BudgetRow {
  readonly id: string;
  readonly definition: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Every budget made by API, by id. */
export async function readBudgetRows(db: Queryable): Promise<BudgetRow[]> {
  const rows = await db.all('SELECT id, definition, created_at, updated_at FROM budgets ORDER BY id');
  return rows.map((row) => ({
    id: row['id'] as string,
    definition: row['definition'] as string,
    createdAt: row['created_at'] as number,
    updatedAt: row['updated_at'] as number,
  }));
}

export async function insertBudget(tx: Queryable, row: BudgetRow): Promise<void> {
  await tx.run(
    'INSERT INTO budgets (id, definition, created_at, updated_at) VALUES (?, ?, ?, ?)',
    row.id,
    row.definition,
    row.createdAt,
    row.updatedAt,
  );
}

/** @returns whether there was one. */
export async function updateBudget(tx: Queryable, row: Omit<BudgetRow, 'createdAt'>): Promise<boolean> {
  const { id, definition, updatedAt } = row;
  return (
    (await tx.run('UPDATE budgets SET definition = ?, updated_at = ? WHERE id = ?', definition, updatedAt, id)) > 0
  );
}

/** Removes a budget and what was counted for it. @returns whether there was one. */
export async function deleteBudget(tx: Queryable, id: string): Promise<boolean> {
  const deleted = await tx.run('DELETE FROM budgets WHERE id = ?', id);
  await tx.run('DELETE FROM budget_spend WHERE budget_id = ?', id);
  await tx.run('DELETE FROM budget_starts WHERE budget_id = ?', id);
  return deleted > 0;
}

/** How often the budgets were changed by API, in any gateway. */
export async function budgetRevision(db: Queryable | Store): Promise<number> {
  const row = await db.get("SELECT revision FROM revisions WHERE area = 'budgets'");
  return (row?.['revision'] as number | undefined) ?? 0;
}
