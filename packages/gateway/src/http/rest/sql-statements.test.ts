import { beforeEach, describe, expect, it, test } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import { StatementStore } from '../../sql/statement-store.ts';
import { numbers, ScriptedEngine } from '../../sql/testing/scripted-engine.ts';
import type { RestRequest } from '../rest-route.ts';
import { connectorServiceRoutes } from './connector-service.ts';
import { sqlStatementRoutes } from './sql-statements.ts';
import { sqlWarehouseRoutes } from './sql-warehouses.ts';
import { bodyOf, call } from './testing-config.ts';

const path = '/api/2.0/sql/statements';
let engine: ScriptedEngine;
let statements: StatementStore;

beforeEach(() => {
  engine = new ScriptedEngine(({ sql }) => {
    if (sql === 'endless') return 'endless';
    if (sql === 'missing') return new GatewayError('caller_table_not_found', '[TABLE_OR_VIEW_NOT_FOUND] no t');
    if (sql === 'large') {
      const row = ['x'.repeat(1024 * 1024)];
      return {
        columns: [{ name: 'text', type: 'string' }],
        rows: Array.from({ length: 9 }, () => row),
        truncated: true,
      };
    }
    return {
      columns: [
        { name: 'd', type: 'decimal(10,2)' },
        { name: 's', type: { type: 'array', elementType: 'long', containsNull: true } },
      ],
      rows: [['1.50', null]],
      truncated: false,
    };
  });
  statements = new StatementStore({ engine });
});

const submit = (body: Record<string, unknown>) =>
  call(sqlStatementRoutes, path, {
    context: { statements },
    request: { method: 'POST', body: { warehouse_id: 'default', ...body } },
  });
const get = (target: string, request: Partial<RestRequest> = {}) =>
  call(sqlStatementRoutes, target, { context: { statements }, request });

describe('a statement', () => {
  it('answers its result with columns and rows', async () => {
    const answer = await bodyOf(submit({ statement: 'good' }));
    expect(answer).toEqual({
      statement_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: { state: 'SUCCEEDED' },
      manifest: {
        format: 'JSON_ARRAY',
        schema: {
          column_count: 2,
          columns: [
            {
              name: 'd',
              type_text: 'DECIMAL(10,2)',
              type_name: 'DECIMAL',
              position: 0,
              type_precision: 10,
              type_scale: 2,
            },
            { name: 's', type_text: 'array<bigint>', type_name: 'ARRAY', position: 1 },
          ],
        },
        total_chunk_count: 1,
        chunks: [{ chunk_index: 0, row_offset: 0, row_count: 1 }],
        total_row_count: 1,
        total_byte_count: 10,
        truncated: false,
      },
      result: { chunk_index: 0, row_offset: 0, row_count: 1, data_array: [['1.50', null]] },
    });
    expect(await bodyOf(get(`${path}/${answer.statement_id}`))).toEqual(answer);
  });

  it('takes names, parameters and limits along', async () => {
    await submit({
      statement: 'good',
      catalog: 'c',
      parameters: [{ name: 'a', value: '1', type: 'INT' }, { name: 'b' }],
      row_limit: 5,
      byte_limit: '7',
    });
    expect(engine.requests[0]).toMatchObject({
      sql: 'good',
      caller: { userName: 'ada@example.com', groups: ['admins', 'team'] },
      defaults: { catalog: 'c', schema: 'default' },
      parameters: [
        { name: 'a', value: '1', type: 'INT' },
        { name: 'b', value: null },
      ],
      rowLimit: 5,
      byteLimit: 7,
    });
  });

  it('comes in chunks that follow one another', async () => {
    const { statement_id, manifest, result: first } = await bodyOf(submit({ statement: 'large' }));
    let result = first;
    expect(manifest).toMatchObject({ total_chunk_count: 3, total_row_count: 9, truncated: true });
    let rows = result.row_count;
    while (result.next_chunk_internal_link) {
      expect(result.next_chunk_index).toBe(result.chunk_index + 1);
      result = await bodyOf(get(result.next_chunk_internal_link));
      expect(result.row_offset).toBe(rows);
      rows += result.data_array.length;
    }
    expect(rows).toBe(9);
    await expect(get(`${path}/${statement_id}/result/chunks/3`)).rejects.toMatchObject({ status: 400 });
  });

  it('that fails is a state with a code that clients know', async () => {
    expect(await bodyOf(submit({ statement: 'missing' }))).toEqual({
      statement_id: expect.any(String),
      status: {
        state: 'FAILED',
        error: { error_code: 'BAD_REQUEST', message: '[TABLE_OR_VIEW_NOT_FOUND] no t' },
        sql_state: '42P01',
      },
    });
  });

  it('runs on when it is not waited for, until it is cancelled', async () => {
    const { statement_id, status } = await bodyOf(submit({ statement: 'endless', wait_timeout: '0s' }));
    expect(status.state).toBe('RUNNING');
    await expect(get(`${path}/${statement_id}/result/chunks/0`)).rejects.toThrow(/RUNNING/);
    await get(`${path}/${statement_id}/cancel`, { method: 'POST' });
    expect((await bodyOf(get(`${path}/${statement_id}`))).status.state).toBe('CANCELED');
  });

  it('is unknown to others', async () => {
    const { statement_id } = await bodyOf(submit({ statement: 'good' }));
    const principal = {
      id: '7',
      userName: 'eve',
      type: 'USER',
      groups: [],
      active: true,
      authMode: 'PAT',
      scopes: new Set(['all-apis']),
      tokenId: 't',
    } as const;
    for (const [target, method] of [
      ['', 'GET'],
      ['/result/chunks/0', 'GET'],
      ['/cancel', 'POST'],
    ] as const) {
      await expect(get(`${path}/${statement_id}${target}`, { principal, method })).rejects.toMatchObject({
        code: 'caller_not_found',
      });
    }
  });
});

test.each([
  [{ statement: '' }, 'statement'],
  [{}, 'statement'],
  [{ statement: 's', warehouse_id: undefined }, 'warehouse_id'],
  [{ statement: 's', wait_timeout: '4s' }, 'wait_timeout'],
  [{ statement: 's', wait_timeout: '51s' }, 'wait_timeout'],
  [{ statement: 's', on_wait_timeout: 'EXPLODE' }, 'on_wait_timeout'],
  [{ statement: 's', disposition: 'EXTERNAL_LINKS' }, 'disposition'],
  [{ statement: 's', format: 'ARROW_STREAM' }, 'format'],
  [{ statement: 's', parameters: [{ value: '1' }] }, 'parameters.0.name'],
  [{ statement: 's', row_limit: 0 }, 'row_limit'],
])('%j is refused for its %s', async (body, param) => {
  await expect(submit(body)).rejects.toMatchObject({ code: 'caller_invalid_parameter', param });
  expect(engine.requests).toEqual([]);
});

test('another warehouse is not found', async () => {
  await expect(submit({ statement: 's', warehouse_id: 'other' })).rejects.toMatchObject({ code: 'caller_not_found' });
});

test('an empty result has a first chunk without rows', async () => {
  engine = new ScriptedEngine(() => numbers(0));
  statements = new StatementStore({ engine });
  expect(await bodyOf(submit({ statement: 's' }))).toMatchObject({
    manifest: { total_chunk_count: 0, total_row_count: 0 },
    result: { row_count: 0, data_array: [] },
  });
});

test('there is one warehouse, and it runs', async () => {
  const list = await bodyOf(call(sqlWarehouseRoutes, '/api/2.0/sql/warehouses'));
  expect(list.warehouses).toHaveLength(1);
  expect(list.warehouses[0]).toMatchObject({
    id: 'default',
    name: 'ucode',
    state: 'RUNNING',
    odbc_params: { hostname: '127.0.0.1', port: 8484, protocol: 'http', path: '/sql/1.0/warehouses/default' },
  });
  const one = '/api/2.0/sql/warehouses/default';
  expect(await bodyOf(call(sqlWarehouseRoutes, one))).toEqual(list.warehouses[0]);
  for (const verb of ['start', 'stop']) {
    expect((await call(sqlWarehouseRoutes, `${one}/${verb}`, { request: { method: 'POST' } })).status).toBe(200);
  }
  await expect(call(sqlWarehouseRoutes, '/api/2.0/sql/warehouses/x')).rejects.toMatchObject({ status: 404 });
});

test('drivers are told that no feature is on', async () => {
  const target = '/api/2.0/connector-service/feature-flags/PYTHON/4.9.0';
  expect(await bodyOf(call(connectorServiceRoutes, target))).toEqual({ flags: [], ttl_seconds: 900 });
});
