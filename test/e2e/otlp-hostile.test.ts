// OTLP from callers who are careless, hostile or slow: every one gets a clear answer, and every row that
// was acknowledged is in its table once.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  logsRequest,
  metricsRequest,
  spansRequest,
  text,
} from '../../packages/gateway/src/otel/testing/decoded-rows.ts';
import { encodeOtlp } from '../../packages/gateway/src/otel/testing/otlp-proto.ts';
import type { Signal } from '../../packages/gateway/src/otel/signal.ts';
import { ddlFor } from '../../packages/gateway/src/otel/table-ddl.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { pollSql, runSql } from '../support/statements.ts';
import { call } from './support/http-call.ts';
import { answerOf, openExport, zeros } from './support/otlp-stream.ts';
import { logsBody, sendOtlp, type OtlpCall } from './support/otlp.ts';
import { rawExchange } from './support/raw-exchange.ts';
import { tokenFor } from './support/token-for.ts';

const CLIENT_TIMEOUT_S = 2;
const MAX_RESIDENT_MIB = 400;
const tables: Readonly<Record<Signal, string>> = {
  metrics: 'main.default.agents_otel_metrics',
  logs: 'main.default.agents_otel_logs',
  traces: 'main.default.agents_otel_spans',
};

let gateway: Gateway;
let ada: { readonly url: string; readonly token: string };
let bob: { readonly url: string; readonly token: string };
/** Bodies of log records that were acknowledged: each is in `tables.logs` once. */
const acknowledged: string[] = [];
let next = 0;
const newId = () => `record-${next++}`;

beforeAll(async () => {
  gateway = await startGateway({
    config: JSON.stringify({
      server: { client_timeout: `${CLIENT_TIMEOUT_S}s` },
      users: [{ name: 'admin', groups: ['admins'] }, { name: 'ada@example.com' }, { name: 'bob@example.com' }],
    }),
  });
  const as = async (user: string) => ({ url: gateway.url, token: await tokenFor(gateway, user) });
  [ada, bob] = [await as('ada@example.com'), await as('bob@example.com')];
  for (const signal of ['metrics', 'logs', 'traces'] as const)
    await runSql(ada, ddlFor(signal, 'v1', tables[signal].split('.')));
});

afterAll(async () => {
  try {
    const peak = Number(/VmHWM:\s*(\d+) kB/.exec(await readFile(`/proc/${gateway.pid}/status`, 'utf8'))![1]) / 1024;
    console.log(`the gateway's memory was ${Math.round(peak)} MiB at its peak`);
    expect(peak, 'the gateway at its largest, MiB').toBeLessThan(MAX_RESIDENT_MIB);
    expect(gateway.output()).not.toMatch(/gateway_internal|Unhandled|process ended/);
  } finally {
    await gateway.stop();
  }
});

const send = (options: OtlpCall) => sendOtlp(ada, { table: tables[options.signal ?? 'logs'], ...options });

/** A small good request that must be taken. */
async function sendGood(): Promise<void> {
  const id = newId();
  expect(await send({ body: logsBody(id) })).toMatchObject({ status: 200, rejected: 0 });
  acknowledged.push(id);
}

async function refused(options: OtlpCall, status: number, message: RegExp | string): Promise<void> {
  const answer = await send(options);
  expect({ status: answer.status, message: answer.message }).toEqual({
    status,
    message: expect.stringMatching(message),
  });
  expect(answer.message).not.toMatch(/node_modules|\.ts:|\.js:|\/tmp\//);
  await sendGood();
}

describe('bodies that are broken', () => {
  it('cut off at every 16th byte: 400, nothing kept', async () => {
    const body = encodeOtlp(
      'logs',
      logsRequest({ body: { stringValue: 'never' }, attributes: [text('a', 'b'.repeat(600)), text('c', 'd')] }),
    );
    for (let length = 16; length < body.length; length += 16)
      expect(await send({ body: body.subarray(0, length) }), `${length} bytes`).toMatchObject({
        status: 400,
        message: expect.stringMatching(/not an OTLP/),
      });
    const json = JSON.stringify(logsRequest({ body: { stringValue: 'never' } }));
    for (let length = 0; length < json.length; length += 16)
      expect(await send({ body: json.slice(0, length) }), `${length} bytes of JSON`).toMatchObject({ status: 400 });
    await sendGood();
  });

  it('lengths that lie: refused, whatever they claim', async () => {
    const body = logsBody('never');
    for (const claimed of [0x7f, 0xff]) {
      const lying = Buffer.from(body);
      lying[1] = claimed;
      expect(await send({ body: lying })).toMatchObject({ status: 400 });
    }
    await refused(
      { body: Buffer.concat([Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f), body]) },
      400,
      /not an OTLP/,
    );
    await refused({ body: Buffer.concat([body, Buffer.alloc(11, 0xff)]) }, 400, /not an OTLP/);
  });

  it('random bytes: 400, or a request without records', async () => {
    let seed = 42;
    const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    for (let round = 0; round < 200; round++) {
      const body = Buffer.from(Array.from({ length: Math.floor(random() * 400) }, () => Math.floor(random() * 256)));
      const signal = (['metrics', 'logs', 'traces'] as const)[round % 3]!;
      const { status } = await send({ signal, body });
      expect([200, 400]).toContain(status);
    }
    await sendGood();
  });

  it('of another encoding than they say, or of none that is known', async () => {
    await refused({ body: logsBody('never'), type: 'application/json' }, 400, /JSON/);
    await refused({ body: JSON.stringify(logsRequest({})), type: 'application/x-protobuf' }, 400, /not an OTLP/);
    for (const type of ['text/plain', 'application/grpc', 'application/x-www-form-urlencoded', 'application/', '"'])
      await refused({ body: '{}', type }, 415, /content-type/);
    for (const encoding of ['br', 'zstd', 'gzip, gzip', 'gzip;q=1'])
      await refused({ body: '{}', headers: { 'content-encoding': encoding } }, 415, /content-encoding/);
    await refused({ body: '{}', headers: { 'content-encoding': 'gzip' } }, 400, /decompressed/);
  });
});

describe('bodies that are compressed', () => {
  it('1 GiB in a megabyte: 413 before its end, two at a time', async () => {
    const bomb = await zeros(1024);
    expect(bomb.length).toBeLessThan(2 * 1024 * 1024);
    const answers = await Promise.all(
      Array.from({ length: 2 }, async () => {
        const outgoing = openExport(ada, tables.logs, {
          'content-encoding': 'gzip',
          'content-length': String(bomb.length),
        });
        const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
        // A quarter of it is too much already; the rest is never sent.
        outgoing.write(bomb.subarray(0, bomb.length / 4));
        const [response] = await answered;
        const answer = await answerOf(response);
        outgoing.destroy();
        return answer;
      }),
    );
    // Together they may want more than is kept for bodies; those are told to try again.
    for (const { status, message } of answers)
      expect(`${status} ${message}`).toMatch(/^413 .*larger than|^429 .*Too many/);
    expect(answers.map(({ status }) => status)).toContain(413);
    await refused({ body: bomb, headers: { 'content-encoding': 'gzip' } }, 413, /larger than/);
  });

  it('twice, cut off, with something behind', async () => {
    const body = logsBody('never');
    const headers = { 'content-encoding': 'gzip' };
    await refused({ body: gzipSync(gzipSync(body)), headers }, 400, /not an OTLP/);
    await refused({ body: gzipSync(body).subarray(0, 20), headers }, 400, /decompressed/);
    await refused({ body: deflateSync(body), headers }, 400, /decompressed/);
    for (const [encoding, compress] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
    ] as const) {
      const id = newId();
      const sent = await send({ body: compress(logsBody(id)), headers: { 'content-encoding': encoding } });
      expect(sent.status).toBe(200);
      acknowledged.push(id);
    }
  });
});

describe('values', () => {
  it('100,000 attributes on one point, and a name of 1 MiB', async () => {
    const attributes = Array.from({ length: 100_000 }, (_, index) => text(`key.${index}`, String(index)));
    const gauge = (name: string, all: object[]) =>
      encodeOtlp('metrics', metricsRequest({ name, gauge: { dataPoints: [{ asDouble: 1, attributes: all }] } }));
    expect(await send({ signal: 'metrics', body: gauge('many', attributes) })).toMatchObject({
      status: 200,
      rejected: 0,
    });
    const long = 'n'.repeat(1024 * 1024);
    expect(await send({ signal: 'metrics', body: gauge('long', [text(long, 'v')]) })).toMatchObject({ status: 200 });
    const sql = `SELECT name, size(gauge.attributes) AS n, gauge.attributes['key.99999'] AS last,
      length(map_keys(gauge.attributes)[0]) AS width FROM ${tables.metrics} WHERE name IN ('many', 'long') ORDER BY name`;
    expect(await pollSql(ada, sql, (rows) => rows.length === 2)).toEqual([
      { name: 'long', n: '1', last: null, width: String(1024 * 1024) },
      { name: 'many', n: '100000', last: '99999', width: '5' },
    ]);
  });

  it('NaN, infinities and the ends of 64 bits are exact in both encodings', async () => {
    const most = '9223372036854775807';
    const numbers = ['NaN', 'Infinity', '-Infinity', 5e-324, 1.7976931348623157e308, '-0'];
    const message = (name: string) =>
      metricsRequest(
        { name, gauge: { dataPoints: numbers.map((asDouble) => ({ asDouble, timeUnixNano: most })) } },
        {
          name,
          histogram: {
            dataPoints: [
              {
                count: most,
                timeUnixNano: most,
                attributes: [
                  { key: 'most', value: { intValue: most } },
                  { key: 'least', value: { intValue: '-9223372036854775808' } },
                ],
              },
            ],
          },
        },
      );
    expect(await send({ signal: 'metrics', body: JSON.stringify(message('json')) })).toMatchObject({
      status: 200,
      rejected: 0,
    });
    const body = encodeOtlp('metrics', message('protobuf'));
    expect(await send({ signal: 'metrics', body })).toMatchObject({ status: 200, rejected: 0 });
    for (const name of ['json', 'protobuf']) {
      const sql = `SELECT gauge.value AS value, gauge.time_unix_nano AS time FROM ${tables.metrics}
        WHERE name = '${name}' AND metric_type = 'gauge'`;
      const rows = await pollSql(ada, sql, (all) => all.length === numbers.length);
      expect(rows.map((row) => Number(row['value']))).toEqual(numbers.map(Number));
      expect(new Set(rows.map((row) => row['time']))).toEqual(new Set([most]));
      const [histogram] = await runSql(
        ada,
        `SELECT histogram.count AS count, histogram.attributes['most'] AS most, histogram.attributes['least'] AS least
         FROM ${tables.metrics} WHERE name = '${name}' AND metric_type = 'histogram'`,
      );
      expect(histogram).toEqual({ count: most, most, least: '-9223372036854775808' });
    }
  });

  it('a number that no column takes costs its record alone', async () => {
    const points = ['18446744073709551615', '7'].map((count) => ({ count, timeUnixNano: '1' }));
    const body = encodeOtlp('metrics', metricsRequest({ name: 'unsigned', histogram: { dataPoints: points } }));
    expect(await send({ signal: 'metrics', body })).toMatchObject({ status: 200, rejected: 1 });
    const sql = `SELECT histogram.count AS n FROM ${tables.metrics} WHERE name = 'unsigned'`;
    expect(await pollSql(ada, sql, (rows) => rows.length > 0)).toEqual([{ n: '7' }]);
  });

  it('odd names of attributes and bytes that are no UTF-8', async () => {
    const names = [
      'a.b.c',
      'it\'s "quoted"',
      'two\nlines',
      'nul\u0000inside',
      '',
      '\u{1f600}',
      '`back\\slash`',
      '{"$":1}',
    ];
    const id = newId();
    const attributes = names.map((name, index) => text(name, String(index)));
    expect(
      await send({ body: encodeOtlp('logs', logsRequest({ body: { stringValue: id }, attributes })) }),
    ).toMatchObject({
      status: 200,
      rejected: 0,
    });
    acknowledged.push(id);
    const sql = `SELECT attributes FROM ${tables.logs} WHERE body = '${id}'`;
    const [row] = await pollSql(ada, sql, (rows) => rows.length > 0);
    expect(JSON.parse(row!['attributes']!)).toEqual(
      Object.fromEntries(names.map((name, index) => [name, String(index)])),
    );

    const other = newId();
    const marked = logsBody(`${other}-\u00e4\u00f6`);
    const at = marked.indexOf('\u00e4');
    marked[at] = 0xff;
    marked[at + 2] = 0xc0;
    const { status } = await send({ body: marked });
    expect(status).toBe(200);
    const [repaired] = await pollSql(
      ada,
      `SELECT body FROM ${tables.logs} WHERE body LIKE '${other}-%'`,
      (all) => all.length > 0,
    );
    expect(repaired!['body']).toMatch(/^record-\d+-\ufffd+$/);
    acknowledged.push(repaired!['body']!);
  });

  it.each([
    [
      'a number beyond doubles',
      'metrics',
      { gauge: { dataPoints: [{ asDouble: '@1e999@' }] } },
      /asDouble is too large/,
    ],
    [
      'a whole number beyond 64 bits',
      'metrics',
      { gauge: { dataPoints: [{ asInt: '@9223372036854775808@' }] } },
      /asInt must be a whole/,
    ],
    ['a fraction as a whole number', 'metrics', { gauge: { dataPoints: [{ asInt: 1.5 }] } }, /asInt must be a whole/],
    ['text as a list', 'metrics', { gauge: { dataPoints: 'none' } }, /dataPoints must be an array/],
    ['a list as text', 'metrics', { name: ['x'] }, /name must be a string/],
    ['a number as an object', 'logs', { body: 7 }, /body must be an object/],
    ['an id that is not hexadecimal', 'traces', { traceId: 'xyz' }, /traceId must be/],
    ['an enum that is not known', 'traces', { kind: 'SPAN_KIND_WRONG' }, /kind must be/],
  ] as const)('JSON with %s: 400 with the place', async (_what, signal, record, message) => {
    const wrap = { metrics: metricsRequest, logs: logsRequest, traces: spansRequest }[signal];
    await refused({ signal, body: JSON.stringify(wrap(record)).replaceAll(/"@|@"/g, '') }, 400, message);
  });

  it('JSON that nests deeply, is no object, or has a key twice', async () => {
    for (const body of ['[]', 'null', '7', '"x"', '{"resourceLogs":{}}', '{"resourceSpans":[]}'])
      await refused({ body }, 400, /OTLP\/JSON/);
    await refused({ body: '['.repeat(200_000) }, 400, /OTLP\/JSON/);
    const deep = `${'{"arrayValue":{"values":['.repeat(5_000)}${']}}'.repeat(5_000)}`;
    await refused({ body: JSON.stringify(logsRequest({ body: '@' })).replace('"@"', deep) }, 400, /nest/);
    // The last one of a key counts, as in every JSON parser here and elsewhere.
    const [first, last] = [newId(), newId()];
    const body = JSON.stringify(logsRequest({ body: { stringValue: last } })).replace(
      '"stringValue"',
      `"stringValue":"${first}","stringValue"`,
    );
    expect((await send({ body })).status).toBe(200);
    acknowledged.push(last);
  });
});

describe('tables', () => {
  it.each([
    ['none', undefined, 400, /missing/],
    ['empty', '', 400, /three parts/],
    ['with SQL', 'main.default.x; DROP TABLE main.default.agents_otel_logs', 400, /three parts/],
    ['with SQL in quotes', 'main.default.`x; DROP TABLE agents_otel_logs`', 404, /NOT_FOUND/],
    ['with a way up', '../../etc.passwd.x', 400, /three parts/],
    ['of dots', '..', 400, /three parts/],
    ['of four parts', 'a.b.c.d', 400, /three parts/],
    ['of two parts', 'default.agents_otel_logs', 400, /three parts/],
    ['with an open quote', 'main.default.`agents', 400, /three parts/],
    ['with dots in quotes', 'main.default.`a.b`', 404, /TABLE_OR_VIEW_NOT_FOUND/],
    ['of a kilobyte', `main.default.${'x'.repeat(1024)}`, 404, /TABLE_OR_VIEW_NOT_FOUND/],
    ['of a system table', 'system.ai_gateway.usage', 403, /PERMISSIONS/],
    ['of information_schema', 'system.information_schema.tables', 403, /PERMISSIONS/],
  ])('a name %s', async (_what, name, status, message) => {
    const answer = await sendOtlp(ada, { body: logsBody('never'), ...(name === undefined ? {} : { table: name }) });
    expect(answer).toMatchObject({ status, message: expect.stringMatching(message) });
    await sendGood();
  });

  it('of another signal, views, tables without the columns, dropped ones', async () => {
    await refused({ body: logsBody('never'), table: tables.metrics }, 400, /columns for metrics/);
    await refused(
      { signal: 'traces', body: encodeOtlp('traces', spansRequest({})), table: tables.logs },
      400,
      /columns for logs/,
    );
    await runSql(ada, `CREATE VIEW main.default.v AS SELECT * FROM ${tables.logs}`);
    await refused({ body: logsBody('never'), table: 'main.default.v' }, 400, /is a view/);
    await runSql(ada, 'CREATE TABLE main.default.plain (a INT)');
    await refused({ body: logsBody('never'), table: 'main.default.plain' }, 400, /is missing/);
    await runSql(ada, ddlFor('logs', 'v1', ['main', 'default', 'gone']));
    expect((await send({ body: logsBody('dropped'), table: 'main.default.gone' })).status).toBe(200);
    await runSql(ada, 'DROP TABLE main.default.gone');
    await refused({ body: logsBody('never'), table: 'main.default.gone' }, 404, /NOT_FOUND/);
  });

  it('with odd names, and tables of others', async () => {
    const name = 'main.default.`odd "na``me ☘`';
    await runSql(ada, ddlFor('logs', 'v1', ['main', 'default', 'odd "na`me ☘']));
    const header = Buffer.from(name).toString('latin1');
    const sent = await send({ body: logsBody('quoted'), table: header });
    expect(sent).toMatchObject({ status: 200 });
    expect(await pollSql(ada, `SELECT body FROM ${name}`, (rows) => rows.length > 0)).toEqual([{ body: 'quoted' }]);
    const answer = await sendOtlp(bob, { body: logsBody('never'), table: tables.logs });
    expect([403, 404]).toContain(answer.status);
    expect(
      (await sendOtlp({ ...bob, token: 'ucg_wrong' }, { body: logsBody('never'), table: tables.logs })).status,
    ).toBe(401);
  });
});

describe('senders', () => {
  it('one byte a second beside quick ones: cut off in the end, and nobody waits for it', async () => {
    const body = Buffer.alloc(100_000, 0x20);
    const outgoing = openExport(ada, tables.logs, {
      'content-length': String(body.length),
      'content-type': 'application/json',
    });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    let sent = 0;
    const timer = setInterval(() => void outgoing.write(body.subarray(sent, ++sent)), 1_000);
    try {
      for (let round = 0; round < 20; round++) await sendGood();
      const [response] = await answered;
      expect(await answerOf(response)).toMatchObject({ status: 408, message: expect.stringContaining('in time') });
      // It was not the silence that ended it: there was none.
      expect(sent).toBeGreaterThan(CLIENT_TIMEOUT_S * 2);
    } finally {
      clearInterval(timer);
      outgoing.destroy();
    }
  });

  it('who leave in the middle of a body, or go silent', async () => {
    for (let round = 0; round < 20; round++) {
      const outgoing = openExport(ada, tables.logs, { 'content-length': '100000' });
      outgoing.write(Buffer.alloc(50_000));
      await sleep(5);
      outgoing.destroy();
    }
    const silent = openExport(ada, tables.logs, { 'content-length': '100' });
    const answered = once(silent, 'response') as Promise<[IncomingMessage]>;
    silent.write('x');
    expect((await answerOf((await answered)[0])).status).toBe(408);
    silent.destroy();
    await sendGood();
  });

  it('with chunks of one byte, and with chunks that are none', async () => {
    const id = newId();
    const body = logsBody(id);
    const outgoing = openExport(ada, tables.logs, { 'transfer-encoding': 'chunked' });
    const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
    for (const byte of body) outgoing.write(Buffer.of(byte));
    outgoing.end();
    expect((await answerOf((await answered)[0])).status).toBe(200);
    acknowledged.push(id);
    const head = `POST /api/2.0/otel/v1/logs HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ada.token}\r\ncontent-type: application/x-protobuf\r\nx-databricks-uc-table-name: ${tables.logs}\r\n`;
    for (const rest of [
      'transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n',
      'transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n',
      'content-length: 5\r\ncontent-length: 6\r\n\r\nhello',
      'content-length: -1\r\n\r\n',
    ])
      expect((await rawExchange(gateway.url, head + rest)).status, rest).toBe(400);
    await sendGood();
  });

  it('200 at once, small and large', async () => {
    await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const ids = Array.from({ length: index % 10 === 0 ? 500 : 1 }, newId);
        const body = logsBody(...ids);
        const answer = await send({
          body: index % 3 ? gzipSync(body) : body,
          headers: index % 3 ? { 'content-encoding': 'gzip' } : {},
        });
        if (answer.status === 200) acknowledged.push(...ids);
        else expect(answer).toMatchObject({ status: expect.toBeOneOf([429, 503]), retryAfter: expect.any(String) });
      }),
    );
    await sendGood();
  });
});

it('every acknowledged row is in its table once, and no other', async () => {
  const sql = `SELECT body, count(*) AS n FROM ${tables.logs} WHERE body LIKE 'record-%' GROUP BY body`;
  const rows = await pollSql(ada, sql, (all) => all.length >= acknowledged.length);
  expect(rows.filter((row) => row['n'] !== '1')).toEqual([]);
  expect(rows.map((row) => row['body']).toSorted()).toEqual(acknowledged.toSorted());
  expect(
    await runSql(ada, `SELECT count(*) AS n FROM ${tables.logs} WHERE body IN ('never', 'dropped', 'quoted')`),
  ).toEqual([{ n: '0' }]);
  // Also rows that random bytes made: as many as the gateway says it took.
  const metrics = (await call(`${gateway.url}/metrics`)).text;
  const accepted = (signal: string) =>
    Number(
      new RegExp(`ucode_gateway_otlp_records_total\\{signal="${signal}",outcome="accepted"\\} (\\d+)`).exec(
        metrics,
      )?.[1] ?? 0,
    );
  const stored = async (signal: Signal) =>
    Number((await runSql(ada, `SELECT count(*) AS n FROM ${tables[signal]}`))[0]!['n']);
  expect(await stored('metrics')).toBe(accepted('metrics'));
  expect(await stored('traces')).toBe(accepted('traces'));
  // One is in the dropped table, one in that of the odd name.
  expect(await stored('logs')).toBe(accepted('logs') - 2);
});
