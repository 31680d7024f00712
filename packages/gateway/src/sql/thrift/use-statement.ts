import { GatewayError } from '../../errors/gateway-error.ts';
import type { Caller } from '../../unity/caller.ts';
import type { NameDefaults } from '../../unity/catalog.ts';
import { EMPTY_RESULT, type ResultTable } from '../../unity/result-table.ts';
import type { SqlEngine } from '../statement.ts';

/** What a `USE` statement names. */
export interface UseTarget {
  readonly catalog: string | undefined;
  readonly schema: string | undefined;
}

/** Longer statements are not looked at. */
const MAX_LENGTH = 2000;
const NAME = '(?:`(?:[^`]|``)+`|[\\p{L}_][\\p{L}\\p{N}_-]*)';
const useCatalog = new RegExp(`^(?:USE|SET)\\s+CATALOG\\s+(${NAME}|'[^']+')$`, 'iu');
const useSchema = new RegExp(`^USE\\s+(?:(?:SCHEMA|DATABASE)\\s+)?(?:(${NAME})\\s*\\.\\s*)?(${NAME})$`, 'iu');

/** The target of `USE CATALOG c`, `SET CATALOG c`, `USE [SCHEMA | DATABASE] [c.]s`; `undefined` for other statements. */
export function parseUse(sql: string): UseTarget | undefined {
  if (sql.length > MAX_LENGTH) return undefined;
  const statement = sql
    .replaceAll(/--[^\n]*|\/\*[^]*?\*\//g, ' ')
    .replace(/[\s;]+$/, '')
    .trimStart();
  const catalog = useCatalog.exec(statement)?.[1];
  if (catalog !== undefined) return { catalog: unquote(catalog), schema: undefined };
  const match = useSchema.exec(statement);
  if (!match) return undefined;
  return { catalog: match[1] === undefined ? undefined : unquote(match[1]), schema: unquote(match[2]!) };
}

/** What `USE` does: the session's defaults are from then on those it names. */
export async function changeDefaults(
  target: UseTarget,
  session: { defaults: NameDefaults },
  engine: SqlEngine,
  caller: Caller,
  signal: AbortSignal,
): Promise<ResultTable> {
  const catalog = target.catalog ?? session.defaults.catalog;
  const schema = target.schema ?? 'default';
  const { rows } = await engine.execute(
    {
      sql: 'SELECT schema_name FROM system.information_schema.schemata WHERE lower(catalog_name) = :catalog',
      parameters: [{ name: 'catalog', value: catalog.toLowerCase() }],
      caller,
    },
    signal,
  );
  if (rows.length === 0) {
    throw new GatewayError('caller_catalog_not_found', `[CATALOG_NOT_FOUND] The catalog '${catalog}' cannot be found.`);
  }
  if (target.schema !== undefined && !rows.some(([name]) => name?.toLowerCase() === schema.toLowerCase())) {
    const message = `[SCHEMA_NOT_FOUND] The schema '${catalog}.${schema}' cannot be found.`;
    throw new GatewayError('caller_schema_not_found', message);
  }
  session.defaults = { catalog, schema };
  return EMPTY_RESULT;
}

function unquote(name: string): string {
  if (name.startsWith('`')) return name.slice(1, -1).replaceAll('``', '`');
  return name.startsWith("'") ? name.slice(1, -1) : name;
}
