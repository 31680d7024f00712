import type { Queryable, Row } from './store.ts';

/** A managed configuration as stored. Times are milliseconds since 1970. */
export interface AgentConfigRow {
  readonly id: string;
  readonly workspaceId: string;
  /** JSON text. */
  readonly definition: string;
  /** From 1; one more with each change. */
  readonly version: number;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** Every workspace's configuration. */
export async function selectAgentConfigs(db: Queryable): Promise<AgentConfigRow[]> {
  return (await db.all('SELECT * FROM agent_configs ORDER BY workspace_id')).map(toRow);
}

export async function selectAgentConfig(db: Queryable, id: string): Promise<AgentConfigRow | undefined> {
  const row = await db.get('SELECT * FROM agent_configs WHERE id = ?', id);
  return row === undefined ? undefined : toRow(row);
}

/** False where the workspace has one already. */
export async function insertAgentConfig(db: Queryable, row: AgentConfigRow): Promise<boolean> {
  const inserted = await db.run(
    `INSERT INTO agent_configs
     (id, workspace_id, definition, version, created_at, created_by, updated_at, updated_by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workspace_id) DO NOTHING`,
    row.id,
    row.workspaceId,
    row.definition,
    row.version,
    row.createdAt,
    row.createdBy,
    row.updatedAt,
    row.updatedBy,
  );
  return inserted > 0;
}

export async function updateAgentConfig(db: Queryable, row: AgentConfigRow): Promise<void> {
  await db.run(
    'UPDATE agent_configs SET definition = ?, version = ?, updated_at = ?, updated_by = ? WHERE id = ?',
    row.definition,
    row.version,
    row.updatedAt,
    row.updatedBy,
    row.id,
  );
}

/** False where there is none. */
export async function deleteAgentConfig(db: Queryable, id: string): Promise<boolean> {
  return (await db.run('DELETE FROM agent_configs WHERE id = ?', id)) > 0;
}

function toRow(row: Row): AgentConfigRow {
  return {
    id: row['id'] as string,
    workspaceId: row['workspace_id'] as string,
    definition: row['definition'] as string,
    version: row['version'] as number,
    createdAt: row['created_at'] as number,
    createdBy: row['created_by'] as string,
    updatedAt: row['updated_at'] as number,
    updatedBy: row['updated_by'] as string,
  };
}
