import type { AlterObject, AlterTable, ChangeGrant, CommentOnColumn, Use } from '../ddl/catalog-statement.ts';
import { completeSecurable } from '../names.ts';
import { EMPTY_RESULT, type ResultTable } from '../result-table.ts';
import type { StatementRun } from './statement-run.ts';

/** ALTER TABLE with a change of columns or properties. */
export async function runAlterTable(statement: AlterTable, run: StatementRun): Promise<ResultTable> {
  await run.catalog.alterTable(statement.name, statement.change, run.caller, run.defaults);
  return EMPTY_RESULT;
}

/** Owner, tags and comments. */
export async function runAlterObject(statement: AlterObject, run: StatementRun): Promise<ResultTable> {
  await run.catalog.update(completeSecurable(statement.securable, run.defaults), statement, run.caller);
  return EMPTY_RESULT;
}

export async function runCommentOnColumn(statement: CommentOnColumn, run: StatementRun): Promise<ResultTable> {
  const column = statement.name.slice(-1);
  const change = { kind: 'set-column-comment', column, comment: statement.comment } as const;
  await run.catalog.alterTable(statement.name.slice(0, -1), change, run.caller, run.defaults);
  return EMPTY_RESULT;
}

/** GRANT and REVOKE. */
export async function runChangeGrant(statement: ChangeGrant, run: StatementRun): Promise<ResultTable> {
  const { kind, privileges, principal } = statement;
  const change = kind === 'grant' ? { add: privileges, remove: [] } : { add: [], remove: privileges };
  await run.catalog.changeGrants(
    completeSecurable(statement.securable, run.defaults),
    [{ principal, ...change }],
    run.caller,
  );
  return EMPTY_RESULT;
}

/** USE: only looks whether the catalog or schema is there and may be used. */
export function runUse(statement: Use, run: StatementRun): ResultTable {
  const securable = completeSecurable(statement.securable, run.defaults);
  run.catalog.require(securable.kind === 'CATALOG' ? 'USE CATALOG' : 'USE SCHEMA', securable, run.caller);
  return EMPTY_RESULT;
}
