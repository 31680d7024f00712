import type { ShowGrants, ShowList, ShowTable } from '../ddl/catalog-statement.ts';
import { completeSchemaName, completeSecurable, keyOf } from '../names.ts';
import type { ResultTable } from '../result-table.ts';
import { createText } from './create-text.ts';
import { matchesPattern } from './match-pattern.ts';
import { sortedEntries, textResult, typedResult } from './result.ts';
import type { StatementRun } from './statement-run.ts';

/** SHOW CATALOGS, SCHEMAS, TABLES and VIEWS. */
export function runShowList({ kind, within, pattern }: ShowList, run: StatementRun): ResultTable {
  const { catalog, caller, defaults } = run;
  const fits = ({ name }: { readonly name: string }) => matchesPattern(name, pattern);
  if (kind === 'show-catalogs') {
    return textResult(
      ['catalog'],
      catalog
        .catalogs(caller)
        .filter(fits)
        .map(({ name }) => [name]),
    );
  }
  if (kind === 'show-schemas') {
    const schemas = catalog.schemas(within?.[0] ?? defaults.catalog, caller);
    return textResult(
      ['databaseName'],
      schemas.filter(fits).map(({ name }) => [name]),
    );
  }
  const schema = completeSchemaName(within ?? [defaults.schema], defaults);
  const tables = catalog.tables(schema, caller).filter(fits);
  if (kind === 'show-tables') {
    return typedResult(
      { database: 'string', tableName: 'string', isTemporary: 'boolean' },
      tables.map((info) => [info.schema, info.name, 'false']),
    );
  }
  return typedResult(
    { namespace: 'string', viewName: 'string', isTemporary: 'boolean', isMaterialized: 'boolean' },
    tables.filter((info) => info.kind === 'VIEW').map((info) => [info.schema, info.name, 'false', 'false']),
  );
}

/** SHOW GRANTS: those on the object and those inherited. */
export function runShowGrants(statement: ShowGrants, run: StatementRun): ResultTable {
  const securable = completeSecurable(statement.securable, run.defaults);
  const wanted = statement.principal?.toLowerCase();
  const grants = run.catalog
    .grants(securable, run.caller)
    .filter(({ principal }) => wanted === undefined || principal.toLowerCase() === wanted);
  return textResult(
    ['Principal', 'ActionType', 'ObjectType', 'ObjectKey'],
    grants.map(({ principal, privilege, on }) => [principal, privilege, on.kind, keyOf(on.name)]),
  );
}

/** SHOW COLUMNS, TBLPROPERTIES and CREATE TABLE. */
export async function runShowTable({ kind, name, key }: ShowTable, run: StatementRun): Promise<ResultTable> {
  const { catalog, caller, defaults } = run;
  const info = catalog.tableInfo(name, caller, defaults);
  if (kind === 'show-columns') {
    const { fields } = await catalog.columns(info);
    return textResult(
      ['col_name'],
      fields.map((field) => [field.name]),
    );
  }
  const description = await catalog.describe(info);
  if (kind === 'show-create-table') return textResult(['createtab_stmt'], [[createText(info, description)]]);
  const properties = description?.properties ?? {};
  if (key === undefined) return textResult(['key', 'value'], sortedEntries(properties));
  const missing = `Table ${keyOf([info.catalog, info.schema, info.name])} does not have property: ${key}`;
  return textResult(['key', 'value'], [[key, Object.hasOwn(properties, key) ? properties[key]! : missing]]);
}
