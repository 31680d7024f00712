import { beforeEach, describe, expect, it, test } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Caller } from '../../unity/caller.ts';
import type { ResultTable } from '../../unity/result-table.ts';
import { StatementStore } from '../statement-store.ts';
import { ada, admin, bob, numbers, ScriptedEngine } from '../testing/scripted-engine.ts';
import { readMessage } from './read-message.ts';
import type { SessionLimits } from './sessions.ts';
import type { ThriftStruct } from './thrift-struct.ts';
import { ThriftService } from './thrift-service.ts';
import { MessageKind } from './thrift-type.ts';
import {
  binary,
  bool,
  i32,
  i64,
  list,
  struct,
  text,
  writeMessage,
  type Fields,
  type Written,
} from './write-message.ts';

const START = 1_000_000;
let clock: number;
let engine: ScriptedEngine;
let statements: StatementStore;
let service: ThriftService;

beforeEach(() => start());

function start(limits: Partial<SessionLimits> = {}): void {
  clock = START;
  engine = new ScriptedEngine(({ sql }) => {
    if (sql === 'endless') return 'endless';
    if (sql === 'refused') return new GatewayError('policy_forbidden', '[INSUFFICIENT_PERMISSIONS] no SELECT');
    const catalogRows = catalogOf(sql);
    return catalogRows ?? { ...numbers(Number(sql.split(' ')[0])), truncated: sql.includes('cut') };
  });
  statements = new StatementStore({ engine, now: () => clock });
  service = new ThriftService({ engine, statements, now: () => clock, limits });
}

/** What `information_schema` holds. */
function catalogOf(sql: string): ResultTable | undefined {
  const rows = sql.includes('.columns')
    ? [
        ['main', 'team', 'usage', 'id', 'bigint', 'NO', null],
        ['main', 'team', 'usage', 'cost', 'decimal(18,6)', 'YES', 'USD'],
        ['main', 'team', 'v', 'tags', 'map<string,string>', 'YES', null],
      ]
    : sql.includes('.tables')
      ? [
          ['main', 'team', 'usage', 'MANAGED', 'What was used'],
          ['main', 'team', 'v', 'VIEW', null],
          ['system', 'ai_gateway', 'usage', 'MANAGED', null],
        ]
      : sql.includes('.schemata')
        ? [
            ['default', 'main'],
            ['team', 'main'],
            ['ai_gateway', 'system'],
          ]
        : sql.includes('.catalogs')
          ? [['main'], ['system']]
          : undefined;
  return rows && { columns: [], rows, truncated: false };
}

async function exchange(name: string, args: Fields, caller: Caller = ada) {
  const head = { name, kind: MessageKind.CALL, sequenceId: 3, strict: true };
  return readMessage(await service.call(writeMessage(head, struct(args)), caller));
}

/** Calls a method and gives its response. */
async function call(name: string, request: Fields, caller: Caller = ada): Promise<ThriftStruct> {
  const { head, args } = await exchange(name, { 1: struct(request) }, caller);
  expect(head).toEqual({ name, kind: MessageKind.REPLY, sequenceId: 3, strict: true });
  return args.struct(0)!;
}

const status = (response: ThriftStruct) => response.struct(1)!.number(1);
const message = (response: ThriftStruct) => response.struct(1)!.text(5);

/** A handle as it came, to be sent back. */
function handle(given: ThriftStruct): Written {
  const identifier = given.struct(1)!;
  return struct({ 1: struct({ 1: binary(identifier.bytes(1)!), 2: binary(identifier.bytes(2)!) }) });
}

async function open(caller: Caller = ada, more: Fields = {}): Promise<Written> {
  return handle((await call('OpenSession', { 1282: i64(42_247), ...more }, caller)).struct(3)!);
}

const direct = (rows: number, bytes = 0) => struct({ 1: i64(rows), 2: i64(bytes) });

async function execute(session: Written, sql: string, more: Fields = {}, caller: Caller = ada): Promise<ThriftStruct> {
  return call('ExecuteStatement', { 1: session, 2: text(sql), 4: bool(true), ...more }, caller);
}

/** First column of a TFetchResultsResp, as numbers. */
const values = (fetched: ThriftStruct) => fetched.struct(3)!.structs(3)[0]!.struct(5)!.value(1) as bigint[];

/** All text columns of a TFetchResultsResp, by row. */
function textRows(response: ThriftStruct, columns: number[]): (string | undefined)[][] {
  const found = response.struct(1281)!.struct(3)!.struct(3)!.structs(3);
  const texts = columns.map(
    (at) => found[at]!.struct(7)?.texts(1) ?? (found[at]!.struct(4)!.value(1) as number[]).map(String),
  );
  return texts[0]!.map((_, row) => texts.map((column) => column[row]));
}

describe('a session', () => {
  it('is opened in the version that both sides know', async () => {
    const versionFor = async (fields: Fields) => (await call('OpenSession', fields)).number(2);
    expect(await versionFor({ 1282: i64(42_247) })).toBe(42_247);
    expect(await versionFor({ 1282: i64(42_300) })).toBe(42_248);
    expect(await versionFor({ 1: i32(-7) })).toBe(42_242);
  });

  it('belongs to its caller', async () => {
    const session = await open();
    expect(status(await execute(session, '1', {}, bob))).toBe(4);
    expect(status(await call('CloseSession', { 1: session }, admin))).toBe(4);
    expect(status(await call('CloseSession', { 1: session }))).toBe(0);
    expect(status(await execute(session, '1'))).toBe(4);
  });

  it('is not found with a wrong secret, or none', async () => {
    const response = await call('OpenSession', {});
    const guid = response.struct(3)!.struct(1)!.bytes(1)!;
    for (const secret of [Buffer.alloc(16), Buffer.alloc(3)]) {
      const forged = struct({ 1: struct({ 1: binary(guid), 2: binary(secret) }) });
      expect(status(await execute(forged, '1'))).toBe(4);
    }
    expect(status(await call('ExecuteStatement', { 2: text('1') }))).toBe(4);
  });

  it('ends after half an hour without a call, and what runs in it too', async () => {
    const session = await open();
    const operation = handle((await execute(session, 'endless')).struct(2)!);
    clock += 29 * 60_000;
    expect((await call('GetOperationStatus', { 1: operation })).number(2)).toBe(1);
    clock += 30 * 60_000;
    expect(status(await call('GetOperationStatus', { 1: operation }))).toBe(4);
    expect(status(await execute(session, '1'))).toBe(4);
  });

  it('is refused where too many are open', async () => {
    start({ perCaller: 2, together: 3 });
    await open();
    const second = await open();
    expect(message(await call('OpenSession', {}))).toMatch(/2 sessions of ada@example.com/);
    await call('CloseSession', { 1: second });
    await open();
    await open(bob);
    expect(message(await call('OpenSession', {}, admin))).toMatch(/3 sessions are open/);
  });
});

describe('a statement', () => {
  it('comes with all of its rows, and is closed', async () => {
    const response = await execute(await open(), '3', { 1281: direct(100) });
    const results = response.struct(1281)!;
    expect(results.struct(1)!.number(2)).toBe(2);
    expect(results.struct(2)!.number(1281)).toBe(1);
    expect(results.struct(3)!.bool(2)).toBe(false);
    expect(values(results.struct(3)!)).toEqual([0n, 1n, 2n]);
    expect(results.struct(4)!.struct(1)!.number(1)).toBe(0);
    expect(status(await call('GetOperationStatus', { 1: handle(response.struct(2)!) }))).toBe(4);
    expect(statements.resultBytes).toBe(0);
  });

  it('is paged by rows, from the front again, or from an offset', async () => {
    const response = await execute(await open(), '7', { 1281: direct(2) });
    expect(values(response.struct(1281)!.struct(3)!)).toEqual([0n, 1n]);
    expect(response.struct(1281)!.struct(4)).toBeUndefined();
    const operation = handle(response.struct(2)!);
    const fetch = (more: Fields) => call('FetchResults', { 1: operation, 2: i32(0), 3: i64(3), ...more });
    const next = await fetch({ 1283: bool(true) });
    expect([values(next), next.bool(2), next.struct(3)!.long(1)]).toEqual([[2n, 3n, 4n], true, 2]);
    expect(next.struct(1281)!.struct(2)!.structs(1)[0]!.text(1)).toBe('n');
    const last = await fetch({});
    expect([values(last), last.bool(2)]).toEqual([[5n, 6n], false]);
    expect(values(await fetch({ 2: i32(4) }))).toEqual([0n, 1n, 2n]);
    expect(values(await fetch({ 1282: i64(6) }))).toEqual([6n]);
    expect(status(await fetch({ 2: i32(1) }))).toBe(3);
    expect(status(await call('CloseOperation', { 1: operation }))).toBe(0);
    expect(status(await fetch({}))).toBe(4);
  });

  it('is paged by bytes, one row at least', async () => {
    const response = await execute(await open(), '5', { 1281: direct(100, 9) });
    expect(values(response.struct(1281)!.struct(3)!)).toEqual([0n, 1n]);
    const operation = handle(response.struct(2)!);
    const tiny = await call('FetchResults', { 1: operation, 3: i64(100), 1281: i64(1) });
    expect(values(tiny)).toEqual([2n]);
  });

  it('that fails says why in the state of its operation', async () => {
    const response = await execute(await open(), 'refused', { 1281: direct(100) });
    expect(status(response)).toBe(0);
    for (const state of [
      response.struct(1281)!.struct(1)!,
      await call('GetOperationStatus', { 1: handle(response.struct(2)!) }),
    ]) {
      expect([state.number(2), state.text(3), state.text(5), state.text(1281)]).toEqual([
        5,
        '42501',
        '[INSUFFICIENT_PERMISSIONS] no SELECT',
        '[INSUFFICIENT_PERMISSIONS] no SELECT',
      ]);
    }
    const metadata = await call('GetResultSetMetadata', { 1: handle(response.struct(2)!) });
    expect([status(metadata), message(metadata)]).toEqual([3, '[INSUFFICIENT_PERMISSIONS] no SELECT']);
  });

  it('is cancelled', async () => {
    const operation = handle((await execute(await open(), 'endless')).struct(2)!);
    expect(status(await call('CancelOperation', { 1: operation }, bob))).toBe(4);
    expect((await call('GetOperationStatus', { 1: operation })).number(2)).toBe(1);
    expect(status(await call('CancelOperation', { 1: operation }))).toBe(0);
    expect((await call('GetOperationStatus', { 1: operation })).number(2)).toBe(3);
  });

  it('that was cut off says so', async () => {
    const response = await execute(await open(), '1 cut', { 1281: direct(100) });
    expect(response.struct(1281)!.struct(1)!.struct(1)!.texts(2)).toEqual([expect.stringContaining('cut off')]);
  });

  it('that is empty, or too long, is an error', async () => {
    const session = await open();
    expect(message(await execute(session, ' \n'))).toMatch(/empty/);
    expect(message(await execute(session, 'x'.repeat(1024 ** 2 + 1)))).toMatch(/longer/);
  });

  it('takes timeout and row limit along, and runs with the rights of the call', async () => {
    const session = await open(ada, { 1284: struct({ 1: text('main'), 2: text('team') }) });
    const caller = { ...ada, groups: ['new'] };
    await execute(session, '1', { 5: i64(9), 1287: i64(10), 1281: direct(1) }, caller);
    expect(engine.requests).toEqual([
      {
        sql: '1',
        caller,
        parameters: [],
        defaults: { catalog: 'main', schema: 'team' },
        timeoutMs: 9000,
        rowLimit: 10,
      },
    ]);
  });

  it('cannot mix kinds of parameters, or leave some out', async () => {
    const session = await open();
    const value = struct({ 1: text('v') });
    const bind = async (sql: string, ...given: Fields[]) =>
      message(await execute(session, sql, { 1288: list(given.map((fields) => struct(fields))) }));
    expect(await bind('? :a', { 4: value }, { 2: text('a'), 4: value })).toMatch(/mixed/);
    expect(await bind('? ?', { 4: value })).toMatch(/2 parameter markers, but 1/);
    expect(await bind('?', { 4: value, 5: list([struct({ 1: text('INT') })]) })).toMatch(/array, map or struct/);
  });

  it('is refused where the session has too many open', async () => {
    start({ operations: 1 });
    const session = await open();
    await execute(session, 'endless');
    expect(message(await execute(session, '1'))).toMatch(/1 open operations/);
  });
});

describe('what there is', () => {
  const ask = async (method: string, more: Fields = {}) =>
    call(method, { 1: await open(), 1281: direct(1000), ...more });

  it('catalogs and schemas', async () => {
    expect(textRows(await ask('GetCatalogs'), [0])).toEqual([['main'], ['system']]);
    expect(textRows(await ask('GetSchemas', { 2: text('main'), 3: text('t%') }), [0, 1])).toEqual([['team', 'main']]);
  });

  it('tables, by pattern and type', async () => {
    const all = textRows(await ask('GetTables', { 4: text('US_GE') }), [0, 1, 2, 3, 4]);
    expect(all).toEqual([
      ['main', 'team', 'usage', 'TABLE', 'What was used'],
      ['system', 'ai_gateway', 'usage', 'TABLE', ''],
    ]);
    const views = await ask('GetTables', { 5: list([text('VIEW')]) });
    expect(textRows(views, [2, 3])).toEqual([['v', 'VIEW']]);
  });

  it('columns, with their places in their tables', async () => {
    const rows = textRows(await ask('GetColumns', { 4: text('usage') }), [3, 4, 5, 6, 8, 10, 16, 17]);
    expect(rows).toEqual([
      ['id', '-5', 'BIGINT', '19', '0', '0', '1', 'NO'],
      ['cost', '3', 'DECIMAL(18,6)', '18', '6', '1', '2', 'YES'],
    ]);
    const tags = textRows(await ask('GetColumns', { 5: text('tags') }), [3, 5, 16]);
    expect(tags).toEqual([['tags', 'MAP<STRING,STRING>', '1']]);
  });

  it('types and table types; no functions and keys', async () => {
    expect(textRows(await ask('GetTypeInfo'), [0, 1])).toContainEqual(['STRING', '12']);
    expect(textRows(await ask('GetTableTypes'), [0])).toEqual([['TABLE'], ['VIEW']]);
    for (const method of ['GetFunctions', 'GetPrimaryKeys', 'GetCrossReference']) {
      expect(textRows(await ask(method), [0])).toEqual([]);
    }
  });

  it('the product', async () => {
    const session = await open();
    expect((await call('GetInfo', { 1: session, 2: i32(17) })).struct(2)!.text(1)).toBe('Spark SQL');
    expect(message(await call('GetInfo', { 1: session, 2: i32(12_345) }))).toMatch(/12345/);
  });
});

test('an unknown method, and a call without a request, are exceptions', async () => {
  for (const [name, fields] of [
    ['DropEverything', { 1: struct({}) }],
    ['constructor', { 1: struct({}) }],
    ['GetInfo', {}],
  ] as const) {
    const { head, args } = await exchange(name, fields);
    expect(head.kind).toBe(MessageKind.EXCEPTION);
    expect(args.text(1)).toMatch(/There is no method|no request/);
  }
});
