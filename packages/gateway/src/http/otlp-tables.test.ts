import { beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { struct } from '../lake/schema/delta-type.ts';
import { otelSchema } from '../otel/tables.ts';
import type { Caller } from '../unity/caller.ts';
import type { Catalog } from '../unity/catalog.ts';
import { OtlpTables, type OtlpTablesOptions } from './otlp-tables.ts';

const caller: Caller = { userName: 'ada', groups: [] };
const headers = { 'x-databricks-uc-table-name': 'main.default.logs' };

let now: number;
let schema: ReturnType<typeof otelSchema>;
let failure: GatewayError | undefined;
let inCatalog: boolean;
let tables: OtlpTables;

beforeEach(() => {
  now = 0;
  schema = otelSchema('logs', 'v1');
  failure = undefined;
  inCatalog = true;
  const info = { catalog: 'main', schema: 'default', name: 'logs', table: { id: 'id', location: 'main/default/logs' } };
  const writable = () => info;
  const find = () => (inCatalog ? info : undefined);
  const describeTable = async () => {
    if (failure) throw failure;
    return { schema, properties: {} };
  };
  tables = new OtlpTables({
    catalog: { writable, find } as unknown as Catalog,
    lake: { describe: describeTable } as unknown as OtlpTablesOptions['lake'],
    now: () => now,
  });
});

const version = async (): Promise<string> => (await tables.named('logs', headers, caller)).version;

describe('columns of a table', () => {
  it('that were altered are noticed within five seconds', async () => {
    expect(await version()).toBe('v1');
    schema = struct(...schema.fields.slice(1));
    now = 5_000;
    await expect(version()).rejects.toMatchObject({ code: 'caller_table_unfit' });
    schema = otelSchema('logs', 'v2');
    expect(await version()).toBe('v2');
  });

  it('are believed for a minute while the lake is away', async () => {
    await version();
    failure = new GatewayError('gateway_lake_unavailable', 'The lake is away.');
    now = 59_000;
    expect(await version()).toBe('v1');
    now = 61_000;
    await expect(version()).rejects.toBe(failure);
  });

  it('are not believed when the lake knows that the table is gone', async () => {
    await version();
    failure = new GatewayError('caller_table_not_found', 'It is gone.');
    now = 5_000;
    // Its files are not there, but nobody dropped it: senders are to keep their records.
    await expect(version()).rejects.toMatchObject({ code: 'gateway_lake_unavailable', retryAfterSeconds: 5 });
    inCatalog = false;
    await expect(version()).rejects.toBe(failure);
  });

  it('is found by a name that came as UTF-8', async () => {
    let asked: readonly string[] = [];
    const writable = (name: readonly string[]): never => {
      asked = name;
      throw new GatewayError('caller_table_not_found', 'none');
    };
    const catalog = { writable } as unknown as Catalog;
    tables = new OtlpTables({ catalog, lake: {} as OtlpTablesOptions['lake'] });
    const name = Buffer.from('main.default.`grün ☘`').toString('latin1');
    const ask = () => tables.named('logs', { 'x-databricks-uc-table-name': name }, caller);
    await expect(ask()).rejects.toThrow('none');
    expect(asked).toEqual(['main', 'default', 'grün ☘']);
  });
});
