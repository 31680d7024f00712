import { tokens } from './001-tokens.ts';
import { unity } from './002-unity.ts';
import { revisions } from './003-revisions.ts';
import { identity } from './004-identity.ts';
import { oauth } from './005-oauth.ts';
import { counters } from './007-counters.ts';
import { budgets } from './008-budgets.ts';
import { services } from './006-services.ts';
import { agentConfigs } from './009-agent-configs.ts';
import { sso } from './010-sso.ts';

/**
 * Every schema change, oldest first. Forward only: an entry that has been released is never edited, a change is
 * a new file and a line here. The schema's version is the number of entries applied.
 *
 * Written in the SQL that SQLite and PostgreSQL share, with SQLite's names of types; `portable-sql.ts` turns
 * `INTEGER` into `BIGINT`, `BLOB` into `BYTEA`, and drops `STRICT` for PostgreSQL.
 */
export const migrations: readonly string[] = [
  tokens,
  unity,
  revisions,
  identity,
  oauth,
  services,
  counters,
  budgets,
  agentConfigs,
  sso,
];

/** Version of the schema that this program knows. */
export const schemaVersion = migrations.length;

/** The store was written by a newer gateway. */
export class StateVersionError extends Error {
  constructor(store: string, found: number) {
    super(
      `${store} has schema version ${found}, but this ucode-gateway knows only versions up to ${schemaVersion}. ` +
        'A newer gateway wrote it: run that version, or restore the backup taken before the upgrade.',
    );
    this.name = 'StateVersionError';
  }
}
