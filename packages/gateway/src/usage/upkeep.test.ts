import { expect, test } from 'vitest';
import type { TableInfo } from '../unity/catalog.ts';
import { retentionOf } from './retention.ts';
import { Upkeep } from './upkeep.ts';

const nothing = { optimized: undefined, checkpointed: false, expiredRows: 0, vacuumedFiles: 0, cleanedLogFiles: 0 };

function table(schema: string, name: string): TableInfo {
  const location = `${schema}/${name}`;
  return {
    catalog: schema === 'ai_gateway' ? 'system' : 'main',
    schema,
    name,
    table: { id: name, location },
  } as TableInfo;
}

function upkeepOver(tables: readonly TableInfo[], properties: Readonly<Record<string, string>> = {}) {
  const done: string[] = [];
  const clock = { now: 100 * 86_400_000 };
  const broken = new Set<string>();
  const upkeep = new Upkeep({
    catalog: { managedTables: () => [...tables], removeDropped: () => Promise.resolve() },
    lake: {
      maintain(location) {
        if (broken.has(location)) return Promise.reject(new Error('no'));
        done.push(`maintain ${location}`);
        return Promise.resolve(nothing);
      },
      deleteBefore(location, column, before) {
        done.push(`delete ${location} ${column.join('.')} ${before / 86_400_000}`);
        return Promise.resolve({ rows: 0 });
      },
      describe: () => Promise.resolve({ properties } as never),
    },
    intervalMs: 1,
    usageRetentionDays: () => 30,
    auditRetentionDays: () => 10,
    log: (level, fields) => done.push(`${level} ${String(fields['table'])}`),
    now: () => clock.now,
  });
  return { upkeep, done, clock, broken };
}

test('every table is kept, and one that fails does not stop the others', async () => {
  const { upkeep, done, broken } = upkeepOver([table('default', 'a'), table('default', 'b')]);
  broken.add('default/a');
  await upkeep.runOnce();
  expect(done).toEqual(['warn main.default.a', 'maintain default/b']);
});

test('usage is kept for the configured days, looked at hourly', async () => {
  const { upkeep, done, clock } = upkeepOver([table('ai_gateway', 'usage')]);
  await upkeep.runOnce();
  await upkeep.runOnce();
  clock.now += 3_600_000;
  await upkeep.runOnce();
  expect(done.filter((entry) => entry.startsWith('delete'))).toEqual([
    'delete ai_gateway/usage event_time 70',
    `delete ai_gateway/usage event_time ${70 + 1 / 24}`,
  ]);
});

test('other tables say their retention in their properties', async () => {
  const properties = {
    'ucode.retention.days': '7',
    'ucode.retention.columns': 'sum.time_unix_nano, gauge.time_unix_nano',
  };
  const { upkeep, done } = upkeepOver([table('default', 'm')], properties);
  await upkeep.runOnce();
  expect(done).toEqual([
    'delete default/m sum.time_unix_nano 93',
    'delete default/m gauge.time_unix_nano 93',
    'maintain default/m',
  ]);
});

test.each([
  [{}],
  [{ 'ucode.retention.days': '7' }],
  [{ 'ucode.retention.days': '-1', 'ucode.retention.columns': 'a' }],
  [{ 'ucode.retention.days': 'x', 'ucode.retention.columns': 'a' }],
])('%j keeps rows for ever', (properties) => {
  expect(retentionOf(properties)).toBeUndefined();
});
