import { expect, test } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import { StatementStore, type StatementLimits } from './statement-store.ts';
import type { StoredStatement } from './stored-statement.ts';
import { ada, admin, bob, numbers, ScriptedEngine } from './testing/scripted-engine.ts';

function storeWith(limits: Partial<StatementLimits> = {}) {
  const clock = { now: 1_000_000 };
  const engine = new ScriptedEngine(({ sql }) => {
    if (sql === 'endless') return 'endless';
    if (sql === 'wrong') return new GatewayError('caller_sql_syntax', '[PARSE_SYNTAX_ERROR] at 1');
    if (sql === 'broken') return new TypeError('secret of the code');
    return numbers(Number(sql));
  });
  const log: string[] = [];
  const options = { engine, now: () => clock.now, limits, log: (message: string) => void log.push(message) };
  return { clock, log, store: new StatementStore(options) };
}

test('a statement ends in its result, or in its error', async () => {
  const { store } = storeWith();
  const good = store.submit({ sql: '3', caller: ada });
  expect(good.state).toBe('RUNNING');
  await good.wait(60_000);
  expect(store.find(good.id, ada)).toMatchObject({
    state: 'SUCCEEDED',
    result: { table: { rows: [['0'], ['1'], ['2']] } },
  });
  const wrong = store.submit({ sql: 'wrong', caller: ada });
  await wrong.wait(60_000);
  expect(wrong).toMatchObject({ state: 'FAILED', error: { code: 'caller_sql_syntax' } });
});

test('a fault of the gateway shows its message to the log alone', async () => {
  const { store, log } = storeWith();
  const broken = store.submit({ sql: 'broken', caller: ada });
  await broken.ended;
  expect(log).toEqual([expect.stringMatching(`${broken.id} failed: TypeError: secret of the code`)]);
  expect(broken.error?.code).toBe('gateway_internal');
  expect(broken.error?.message).not.toContain('secret');
});

test('waiting ends with its time while the statement runs on', async () => {
  const { store } = storeWith();
  const statement = store.submit({ sql: 'endless', caller: ada });
  await statement.wait(1);
  expect(statement.state).toBe('RUNNING');
  store.cancel(statement.id, ada);
  expect(statement.state).toBe('CANCELED');
  await statement.ended;
  expect(statement.state).toBe('CANCELED');
});

test('others do not find a statement; admins may cancel it', async () => {
  const { store } = storeWith();
  const statement = store.submit({ sql: 'endless', caller: ada });
  expect(() => store.find(statement.id, bob)).toThrow(/does not exist/);
  expect(() => store.cancel(statement.id, bob)).toThrow(/does not exist/);
  expect(() => store.find(statement.id, admin)).toThrow(/does not exist/);
  expect(statement.state).toBe('RUNNING');
  store.cancel(statement.id, admin);
  expect(statement.state).toBe('CANCELED');
});

test('a caller has a bounded number of running statements', async () => {
  const { store } = storeWith({ runningPerCaller: 2 });
  const first = store.submit({ sql: 'endless', caller: ada });
  store.submit({ sql: 'endless', caller: ada });
  expect(() => store.submit({ sql: '1', caller: ada })).toThrow(expect.objectContaining({ code: 'gateway_sql_busy' }));
  store.submit({ sql: 'endless', caller: bob });
  first.cancel();
  await first.ended;
  const third = store.submit({ sql: '1', caller: ada });
  await third.ended;
  expect(third.state).toBe('SUCCEEDED');
});

test('results go after their time, then the statements', async () => {
  const { store, clock } = storeWith();
  const statement = store.submit({ sql: '1', caller: ada });
  await statement.ended;
  clock.now += 14 * 60_000;
  expect(store.find(statement.id, ada).state).toBe('SUCCEEDED');
  clock.now += 60_000;
  expect(store.find(statement.id, ada)).toMatchObject({ state: 'CLOSED', result: undefined });
  expect(store.resultBytes).toBe(0);
  clock.now += 45 * 60_000;
  expect(() => store.find(statement.id, ada)).toThrow(/does not exist/);
});

test('the oldest results go where there are too many bytes, never the newest', async () => {
  const { store } = storeWith({ resultBytes: 10 });
  const run = async (rows: number) => {
    const statement = store.submit({ sql: String(rows), caller: ada });
    await statement.ended;
    return statement;
  };
  const [first, second] = [await run(1), await run(1)];
  expect([first.state, second.state, store.resultBytes]).toEqual(['SUCCEEDED', 'SUCCEEDED', 8]);
  const third = await run(1);
  expect([first.state, second.state, third.state]).toEqual(['CLOSED', 'SUCCEEDED', 'SUCCEEDED']);
  const large = await run(10);
  expect([second.state, third.state, large.state, store.resultBytes]).toEqual(['CLOSED', 'CLOSED', 'SUCCEEDED', 40]);
  store.release(large);
  expect([large.state, store.resultBytes]).toEqual(['CLOSED', 0]);
});

test('ended statements are known up to a number', async () => {
  const { store } = storeWith({ ended: 2 });
  const statements: StoredStatement[] = [];
  for (let count = 0; count < 3; count++) {
    statements.push(store.submit({ sql: '1', caller: ada }));
    await statements.at(-1)!.ended;
  }
  expect(() => store.find(statements[0]!.id, ada)).toThrow(/does not exist/);
  expect(store.find(statements[1]!.id, ada).state).toBe('SUCCEEDED');
});
