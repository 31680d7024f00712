import type { CreateContainer, CreateTable, CreateView, Drop } from '../ddl/catalog-statement.ts';
import { completeSecurable } from '../names.ts';
import { EMPTY_RESULT, type ResultTable } from '../result-table.ts';
import type { StatementRun } from './statement-run.ts';

/** CREATE CATALOG, CREATE SCHEMA. */
export async function runCreateContainer(statement: CreateContainer, run: StatementRun): Promise<ResultTable> {
  const { catalog, caller, defaults } = run;
  if (statement.kind === 'create-catalog') await catalog.createCatalog(statement, caller);
  else await catalog.createSchema(statement, caller, defaults);
  return EMPTY_RESULT;
}

export async function runCreateTable(statement: CreateTable, run: StatementRun): Promise<ResultTable> {
  await run.catalog.createTable(statement, run.caller, run.defaults);
  return EMPTY_RESULT;
}

export async function runCreateView(statement: CreateView, run: StatementRun): Promise<ResultTable> {
  const { catalog, caller, defaults } = run;
  const columns = await run.checkView(statement.text, caller, defaults);
  await catalog.createView({ ...statement, columns }, caller, defaults);
  return EMPTY_RESULT;
}

export async function runDrop(statement: Drop, run: StatementRun): Promise<ResultTable> {
  await run.catalog.drop(completeSecurable(statement.securable, run.defaults), run.caller, statement);
  return EMPTY_RESULT;
}
