import type { Queryable } from './store.ts';

/** What has an image in memory that other gateways must see change. */
export type Area = 'identity' | 'oauth' | 'tokens' | 'unity' | 'budgets' | 'spend' | 'agent-configs';

/** Counts a change of an area. To be done in the transaction that changes it. */
export async function countChange(tx: Queryable, area: Area): Promise<void> {
  await tx.run(
    `INSERT INTO revisions (area, revision) VALUES (?, 1)
     ON CONFLICT (area) DO UPDATE SET revision = revisions.revision + 1`,
    area,
  );
}

/** How often each area has changed, in any process. Areas that never did are missing. */
export async function readRevisions(db: Queryable): Promise<ReadonlyMap<string, number>> {
  const rows = await db.all('SELECT area, revision FROM revisions');
  return new Map(rows.map((row) => [row['area'] as string, row['revision'] as number]));
}
