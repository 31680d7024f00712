import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { S3DoubleRequest, S3Fault } from './testing/s3-double/s3-double.ts';
import { makeS3Place, type S3Place } from './testing/s3-place.ts';

const SHORT = { attempts: 3, backoffMs: 1, timeoutMs: 300 };
const PATIENT = { attempts: 2, backoffMs: 1, timeoutMs: 5_000 };
const slowDown: S3Fault = { kind: 'answer', status: 503, code: 'SlowDown' };
const conflict: S3Fault = { kind: 'answer', status: 409, code: 'ConditionalRequestConflict' };

let place: S3Place;

beforeEach(async () => {
  place = await makeS3Place();
});

afterEach(() => place.remove());

/** The faults for the first requests of an operation, one each. */
function faults(operation: S3DoubleRequest['operation'], ...list: S3Fault[]): void {
  const left = [...list];
  place.double.setFault((request) => (request.operation === operation ? left.shift() : undefined));
}

describe('a conditional PUT', () => {
  const stored = (): string | undefined => place.double.objects.get('lake/test/n.json')?.bytes.toString();

  it.each<[string, S3Fault[]]>([
    ['503, twice', [slowDown, slowDown]],
    ['409', [conflict]],
    ['429', [{ kind: 'answer', status: 429, code: 'TooManyRequests' }]],
    ['a connection that dies before', [{ kind: 'die' }]],
    ['a connection that dies after', [{ kind: 'apply-then-die' }]],
    ['a connection that dies long before', [{ kind: 'die-then-apply', delayMs: 20 }]],
    ['500 after it was applied', [{ kind: 'apply-then-answer', status: 500, code: 'InternalError' }]],
    ['412 by its own repetition on the way', [{ kind: 'apply-then-answer', status: 412, code: 'PreconditionFailed' }]],
    ['no answer', [{ kind: 'hang' }]],
    ['lost answer, then 503, then a lost answer', [{ kind: 'apply-then-die' }, slowDown, { kind: 'apply-then-die' }]],
  ])('is won in spite of %s', async (_name, list) => {
    faults('PutObject', ...list);
    const store = await place.open({ patience: { ...SHORT, attempts: 8 } });
    expect(await store.putIfAbsent('n.json', Buffer.from('mine'))).toBe(true);
    expect(stored()).toBe('mine');
    expect(await store.putIfAbsent('n.json', Buffer.from('mine'))).toBe(false);
  });

  it('is lost when the answer is lost and another has won, even with the same bytes', async () => {
    const [first, second] = [await place.open(), await place.open()];
    expect(await first.putIfAbsent('n.json', Buffer.from('same'))).toBe(true);
    faults('PutObject', { kind: 'die' }, { kind: 'apply-then-die' }, slowDown);
    expect(await second.putIfAbsent('n.json', Buffer.from('same'))).toBe(false);
    expect(stored()).toBe('same');
  });

  it('is told by its bytes in a store that loses metadata', async () => {
    const store = await place.open();
    faults('PutObject', { kind: 'lose-metadata' });
    expect(await store.putIfAbsent('n.json', Buffer.from('mine'))).toBe(true);
    place.double.objects.set('lake/test/m.json', place.double.objects.get('lake/test/n.json')!);
    faults('PutObject', { kind: 'die' });
    expect(await store.putIfAbsent('m.json', Buffer.from('mine'))).toBe(true);
    faults('PutObject', { kind: 'die' });
    expect(await store.putIfAbsent('m.json', Buffer.from('else'))).toBe(false);
    faults('PutObject');
    expect(await store.putIfAbsent('m.json', Buffer.from('mine'))).toBe(false);
  });

  it('fails when nothing can be learnt, instead of guessing', async () => {
    place.double.setFault(({ operation }) => (operation === 'PutObject' ? { kind: 'apply-then-die' } : slowDown));
    const store = await place.open({ patience: SHORT });
    await expect(store.putIfAbsent('n.json', Buffer.from('mine'))).rejects.toMatchObject({
      code: 'gateway_lake_unavailable',
    });
  });
});

describe('reading', () => {
  const bytes = Buffer.alloc(300_000, 'abc');

  it.each<[string, S3Fault[]]>([
    ['503', [slowDown]],
    ['a body that is cut', [{ kind: 'cut-body', afterBytes: 1_000 }]],
    ['no answer', [{ kind: 'hang' }]],
    ['a body that stops', [{ kind: 'slow-body', pieces: 2, pauseMs: 1_000 }]],
  ])('gives whole objects in spite of %s', async (_name, list) => {
    const store = await place.open({ patience: SHORT });
    await store.put('a', bytes);
    faults('GetObject', ...list);
    expect((await store.get('a'))?.equals(bytes)).toBe(true);
    faults('GetObject', ...list);
    expect((await readFile(await store.localPath('a'))).equals(bytes)).toBe(true);
  });

  it('lets a slow body take its time in one request', async () => {
    const store = await place.open({ patience: { ...SHORT, timeoutMs: 1_000 } });
    await store.put('a', bytes);
    faults('GetObject', { kind: 'slow-body', pieces: 10, pauseMs: 120 });
    await store.get('a');
    expect(place.double.requests.filter(({ operation }) => operation === 'GetObject')).toHaveLength(1);
  });

  it('repeats listings and deletions', async () => {
    const store = await place.open({ patience: SHORT });
    await store.put('a', bytes);
    await store.put('b', bytes);
    faults('ListObjectsV2', slowDown, { kind: 'cut-body', afterBytes: 200 });
    const keys: string[] = [];
    for await (const { key } of store.list('')) keys.push(key);
    expect(keys).toEqual(['a', 'b']);
    faults('DeleteObjects', { kind: 'apply-then-die' }, slowDown);
    await store.delete(keys);
    expect(place.double.objects.size).toBe(0);
  });
});

describe('a listing', () => {
  it('that is none does not pass for an empty one', async () => {
    const store = await place.open({ patience: PATIENT });
    place.double.setFault(() => ({ kind: 'answer', status: 200, code: 'Odd' }));
    await expect(store.list('')[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'gateway_lake_unavailable',
    });
  });
});

describe('errors', () => {
  it.each<[string, S3Fault, RegExp]>([
    ['access denied', { kind: 'answer', status: 403, code: 'AccessDenied' }, /denies access: 403.*credentials/],
    ['no bucket', { kind: 'answer', status: 404, code: 'NoSuchBucket' }, /no such bucket/],
    ['a wrong region', { kind: 'answer', status: 301, code: 'PermanentRedirect' }, /elsewhere.*lake\.s3\.region/],
    ['overload', slowDown, /answers 503/],
    ['silence', { kind: 'hang' }, /does not answer: Timeout/],
    ['dead connections', { kind: 'die' }, /does not answer: ECONNRESET/],
  ])('say %s, without a credential or an address', async (_name, fault, message) => {
    const { config, double } = place;
    const secrets = [config.accessKeyId!, config.secretAccessKey!, double.url, new URL(double.url).host];
    double.setFault(() => ('status' in fault ? { ...fault, message: secrets.join(' ') } : fault));
    const store = await place.open({ patience: fault.kind === 'hang' ? { ...PATIENT, timeoutMs: 100 } : PATIENT });
    const operations = [
      () => store.get('a'),
      () => store.putIfAbsent('a', Buffer.from('x')),
      () => store.put('a', Buffer.from('x')),
      () => store.localPath('a'),
      () => store.delete(['a', 'b']),
      () => store.list('')[Symbol.asyncIterator]().next(),
    ];
    for (const operation of operations) {
      const error = await operation().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(GatewayError);
      expect((error as GatewayError).code).toBe('gateway_lake_unavailable');
      expect((error as GatewayError).message).toMatch(message);
      const everything = inspect(error, { depth: 10, showHidden: true });
      for (const secret of secrets) expect(everything).not.toContain(secret);
    }
  });

  it('say that the credentials are wrong', async () => {
    const config = { ...place.config, secretAccessKey: 'wrong-secret' };
    const store = await place.open({ config });
    const error = await store.get('a').catch((thrown: unknown) => thrown);
    expect((error as Error).message).toMatch(/denies access: 403 SignatureDoesNotMatch/);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('wrong-secret');
    expect(place.double.requests).toEqual([]);
  });

  it('come after as many attempts as allowed', async () => {
    place.double.setFault(() => slowDown);
    const store = await place.open({ patience: { ...PATIENT, attempts: 3 } });
    await expect(store.get('a')).rejects.toThrow(/Could not read an object: .* answers 503 SlowDown/);
    expect(place.double.requests).toHaveLength(3);
    place.double.setFault(() => ({ kind: 'answer', status: 403, code: 'AccessDenied' }));
    await expect(store.get('a')).rejects.toThrow();
    expect(place.double.requests).toHaveLength(4);
  });
});

describe('two writers who race for 200 commits while the store misbehaves', () => {
  it.each([1, 2, 3])('win every number exactly once, and what is stored is the winner’s (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const anywhere: S3Fault[] = [
      slowDown,
      { kind: 'die' },
      { kind: 'apply-then-die' },
      { kind: 'apply-then-die' },
      { kind: 'die-then-apply', delayMs: 3 },
      { kind: 'apply-then-answer', status: 500, code: 'InternalError' },
    ];
    const onPut: S3Fault[] = [
      ...anywhere,
      conflict,
      { kind: 'apply-then-answer', status: 412, code: 'PreconditionFailed' },
    ];
    let injected = 0;
    place.double.setFault(({ operation }) => {
      if (random() >= 0.25) return undefined;
      injected += 1;
      const kinds = operation === 'PutObject' ? onPut : anywhere;
      return kinds[Math.floor(random() * kinds.length)];
    });
    const patience = { attempts: 30, backoffMs: 1, timeoutMs: 5_000 };
    const stores = { a: await place.open({ patience }), b: await place.open({ patience }) };
    const won = new Map<number, string[]>();
    const write = async (writer: 'a' | 'b', number: number): Promise<void> => {
      const bytes = `${writer} ${number}`;
      const first = await stores[writer].putIfAbsent(`_delta_log/${number}.json`, Buffer.from(bytes));
      if (first) won.set(number, [...(won.get(number) ?? []), bytes]);
    };
    for (let number = 0; number < 200; number += 1) {
      await Promise.all([write('a', number), write('b', number)]);
    }
    expect(injected).toBeGreaterThan(50);
    for (let number = 0; number < 200; number += 1) {
      const stored = place.double.objects.get(`lake/test/_delta_log/${number}.json`)?.bytes.toString();
      expect([number, won.get(number)]).toEqual([number, [stored]]);
    }
    const writers = new Set([...won.values()].map(([bytes]) => bytes?.[0]));
    expect(writers).toEqual(new Set(['a', 'b']));
  });
});

/** The linear congruential generator of Numerical Recipes: 0 up to 1. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
