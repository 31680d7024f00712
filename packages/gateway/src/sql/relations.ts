import type { DuckDBConnection } from '@duckdb/node-api';
import type { DeltaType } from '../lake/schema/delta-type.ts';
import type { ResultTable } from '../unity/result-table.ts';
import { duckType } from './duckdb/duck-type.ts';
import { RELATION_SCHEMA } from './plan/query-plan.ts';
import type { RelationSource } from './process-calls.ts';

/**
 * Makes the relations that a statement reads. Rows that are not the caller's are left out of a table before
 * the statement is seen, so that neither an error nor the order of conditions can tell anything about them.
 */
export async function createRelations(
  connection: DuckDBConnection,
  relations: readonly RelationSource[],
): Promise<void> {
  await connection.run(`CREATE SCHEMA ${RELATION_SCHEMA}`);
  for (const relation of relations) await create(connection, relation);
}

async function create(connection: DuckDBConnection, relation: RelationSource): Promise<void> {
  const name = `${RELATION_SCHEMA}.${quoted(relation.name)}`;
  if (relation.kind === 'rows') return createRows(connection, name, relation.rows);
  const { column, value } = relation.onlyRows ?? {};
  const filter = column === undefined ? '' : ` WHERE ${quoted(column)} = ${literal(value!)}`;
  const columns = relation.columns?.map(quoted).join(', ') ?? '*';
  const kind = relation.apart === true ? 'TABLE' : 'VIEW';
  await connection.run(`CREATE ${kind} ${name} AS SELECT ${columns} FROM (${relation.sql})${filter}`);
}

/** Rows travel as one JSON text, which DuckDB takes apart. */
async function createRows(connection: DuckDBConnection, name: string, { columns, rows }: ResultTable): Promise<void> {
  if (columns.length === 0) throw new Error('A table without columns cannot be read.');
  const fields = columns.map(
    ({ name: column, type }, index) => `${fromText(`r[${index + 1}]`, type)} AS ${quoted(column)}`,
  );
  const source = `SELECT unnest(from_json($1::VARCHAR, '[["VARCHAR"]]')) AS r`;
  await connection.run(`CREATE TABLE ${name} AS SELECT ${fields.join(', ')} FROM (${source})`, [JSON.stringify(rows)]);
}

function fromText(text: string, type: DeltaType): string {
  if (typeof type !== 'string') return `CAST(CAST(${text} AS JSON) AS ${duckType(type)})`;
  return type === 'binary' ? `from_base64(${text})` : `CAST(${text} AS ${duckType(type)})`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
