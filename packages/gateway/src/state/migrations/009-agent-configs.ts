/** Managed configuration of coding agents: one for each workspace. */
export const agentConfigs = `CREATE TABLE agent_configs (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL UNIQUE,
  definition   TEXT NOT NULL,
  version      INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  updated_at   INTEGER NOT NULL,
  updated_by   TEXT NOT NULL
) STRICT;`;
