import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sumMoney } from '../models/money.ts';
import { SpendLedger, type SpendSlice } from '../governance/budgets/spend-ledger.ts';
import {
  budget,
  directoryOf,
  dyingAt,
  gatewayOn,
  record,
  testingStore,
} from '../governance/budgets/testing/budgets.ts';
import type { SpoolPosition } from './spool-format.ts';
import { SpendFeed } from './spend-feed.ts';
import { readSpool, Spool } from './spool.ts';

let directory: string;
let spool: Spool;

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-spend-feed-'));
  spool = await Spool.open({ directory, maxBytes: 64 * 1024 * 1024, segmentBytes: 4096 });
});

afterEach(async () => {
  await spool.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A ledger that keeps what it is given, as the store would. */
function ledger() {
  const kept: string[] = [];
  let position: SpoolPosition | undefined;
  let failing = false;
  const same = (a?: SpoolPosition, b?: SpoolPosition) => a?.segment === b?.segment && a?.offset === b?.offset;
  const fake = {
    position: async () => position,
    add: vi.fn(async ({ from, to, records }: SpendSlice) => {
      if (failing) throw new Error('the store is away');
      if (!same(from, position)) return false;
      kept.push(...records.map(({ requester }) => requester));
      position = to;
      return true;
    }),
  };
  return {
    kept,
    fake: fake as unknown as SpendLedger,
    fail: (is: boolean) => (failing = is),
    add: fake.add,
    get position() {
      return position;
    },
  };
}

function feedOf(
  to: SpendLedger,
  given: { onAdded?: (position: SpoolPosition) => void; errors?: string[] } = {},
): SpendFeed {
  return new SpendFeed({
    spool,
    directory,
    ledger: to,
    onAdded: given.onAdded ?? (() => {}),
    log: { error: (_, message) => void given.errors?.push(message) },
    gatherMs: 1,
  });
}

const usage = (requester: string) => ({ requester, event_time: '2026-11-22T00:00:00Z', text: 'x'.repeat(500) });
const names = (first: number, count: number) => Array.from({ length: count }, (_, index) => `r${first + index}`);

async function append(...requesters: string[]): Promise<void> {
  await Promise.all(requesters.map((requester) => spool.append(usage(requester))));
}

test('every record once and in order, over segments and restarts', async () => {
  const to = ledger();
  await append(...names(0, 50));
  const first = feedOf(to.fake);
  first.start();
  await append(...names(50, 50));
  await first.stop();
  expect(to.kept).toEqual(names(0, 100));
  await append(...names(100, 30));
  const second = feedOf(to.fake);
  await second.whenCaughtUp(async () => expect(to.kept).toEqual(names(0, 130)));
  await second.stop();
  expect(to.kept).toHaveLength(130);
});

test('what is committed while it runs arrives without being asked', async () => {
  const to = ledger();
  const feed = feedOf(to.fake);
  feed.start();
  await append('a');
  await vi.waitFor(() => expect(to.kept).toEqual(['a']));
  await append('b', 'c');
  await vi.waitFor(() => expect(to.kept).toEqual(['a', 'b', 'c']));
  await feed.stop();
});

test('says how far it is, at the start too, so that segments may go', async () => {
  const to = ledger();
  await append(...names(0, 30));
  await feedOf(to.fake).whenCaughtUp(async () => {});
  const places: SpoolPosition[] = [];
  await feedOf(to.fake, { onAdded: (position) => places.push(position) }).whenCaughtUp(async () => {});
  expect(places).toEqual([to.position]);
  expect(to.position).toEqual(spool.committed);
});

test('a store that is away is waited for, and nothing is lost or doubled', async () => {
  const to = ledger();
  const errors: string[] = [];
  const feed = feedOf(to.fake, { errors });
  to.fail(true);
  feed.start();
  await append(...names(0, 5));
  await vi.waitFor(() => expect(to.add.mock.calls.length).toBeGreaterThan(1));
  await expect(feed.whenCaughtUp(async () => 1)).rejects.toThrow('away');
  to.fail(false);
  await vi.waitFor(() => expect(to.kept).toEqual(names(0, 5)));
  await feed.stop();
  expect(errors).toHaveLength(1);
});

test('an answer of the store that got lost does not count twice', async () => {
  const to = ledger();
  await append(...names(0, 5));
  const { add } = to;
  const real = add.getMockImplementation();
  add.mockImplementationOnce(async (slice) => {
    await real?.(slice);
    throw new Error('the connection broke after the commit');
  });
  const feed = feedOf(to.fake);
  await expect(feed.whenCaughtUp(async () => {})).rejects.toThrow('broke');
  // It finds out that the ledger is further than it thought.
  await expect(feed.whenCaughtUp(async () => {})).rejects.toThrow('another place');
  await feed.whenCaughtUp(async () => {});
  expect(to.kept).toEqual(names(0, 5));
});

test('a record that cannot be read is said and passed over', async () => {
  const to = ledger();
  const errors: string[] = [];
  await append('a');
  await spool.appendBytes([Buffer.from('not json\n')]);
  await append('b');
  await feedOf(to.fake, { errors }).whenCaughtUp(async () => {});
  expect(to.kept).toEqual(['a', 'b']);
  expect(errors).toHaveLength(1);
});

test('nothing is added while something waits for the moment of being caught up', async () => {
  const to = ledger();
  const feed = feedOf(to.fake);
  feed.start();
  await append('a');
  await feed.whenCaughtUp(async () => {
    await append('b');
    await new Promise((resolve) => setImmediate(resolve));
    expect(to.kept).toEqual(['a']);
  });
  await vi.waitFor(() => expect(to.kept).toEqual(['a', 'b']));
  await feed.stop();
});

test('killed again and again at any statement, the sums are those of the spool', async () => {
  const store = await testingStore();
  const everybody = budget('everybody', { alert_configurations: [{ quantity_threshold: 1, time_period: 'MONTH' }] });
  const { book, alerts, ledger: healthy } = await gatewayOn(store, { budgets: [everybody] });
  let killed = 0;
  for (let round = 0; round < 60; round++) {
    const cost = `0.00000${round + 1}`;
    await spool.append(record(round % 2 ? 'ada' : 'bob', '2026-11-22T12:00:00.000Z', cost));
    // Each process dies a statement later than the one before; the last ones live.
    const dying = dyingAt(store, round % 30);
    const mortal = new SpendLedger({ store: dying, budgets: book, directory: directoryOf({}), alerts });
    await feedOf(mortal)
      .whenCaughtUp(async () => {})
      .catch(() => killed++);
  }
  await feedOf(healthy).whenCaughtUp(async () => {});
  expect(killed).toBeGreaterThan(10);
  const costs: string[] = [];
  for await (const { record: kept } of readSpool(directory)) costs.push((kept as { cost_usd: string }).cost_usd);
  expect(costs).toHaveLength(60);
  const key = { budgetId: everybody.id, period: 'MONTH 2026-11', subject: '' };
  expect(await healthy.sums([key])).toEqual([sumMoney(costs)]);
  const days = await Promise.all(['ada', 'bob'].map((who) => healthy.spentBy(who, '2026-11-22', '2026-11-22')));
  expect(sumMoney(days)).toBe(sumMoney(costs));
});
