import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Principal } from '../identity/principal.ts';
import type { StructType } from '../lake/schema/delta-type.ts';
import { DecoderPool } from '../otel/decoder-pool.ts';
import { Metrics } from '../otel/metrics.ts';
import type { Signal } from '../otel/signal.ts';
import { otelProperties, otelSchema } from '../otel/tables.ts';
import { logsRequest, metricsRequest, parseRows, spansRequest, text, type Row } from '../otel/testing/decoded-rows.ts';
import { decodeAnswer, encodeOtlp } from '../otel/testing/otlp-proto.ts';
import type { Caller } from '../unity/caller.ts';
import type { Catalog, TableInfo } from '../unity/catalog.ts';
import { decodeTableRows } from '../usage/table-rows.ts';
import { otlpEndpoints, type OtlpServices } from './otlp-endpoints.ts';

const principal: Principal = {
  id: '1',
  userName: 'ada',
  type: 'USER',
  groups: [],
  active: true,
  authMode: 'PAT',
  scopes: new Set(['all-apis']),
  tokenId: 't',
};
const workerFile = new URL('../otel/decode-worker.ts', import.meta.url);
const TABLE = 'X-Databricks-UC-Table-Name';

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Tables in memory; `writable` checks only what a test says. */
class FakeTables {
  readonly infos = new Map<string, TableInfo>();
  readonly described = new Map<string, { schema: StructType; properties: Record<string, string> }>();
  created: string[] = [];
  describes = 0;
  unavailable = false;

  add(name: string, signal: Signal, version: 'v1' | 'v2' = 'v1', owner = 'ada'): void {
    const [catalog, schema, table] = name.split('.') as [string, string, string];
    const info = { catalog, schema, name: table, owner, kind: 'MANAGED', table: { id: `id-${name}`, location: name } };
    this.infos.set(name, info as unknown as TableInfo);
    this.described.set(name, { schema: otelSchema(signal, version), properties: otelProperties(version) });
  }

  readonly catalog = {
    writable: (name: readonly string[], caller: Caller) => {
      const key = name.join('.').toLowerCase();
      const info = this.infos.get(key);
      if (!info)
        throw new GatewayError('caller_table_not_found', `[TABLE_OR_VIEW_NOT_FOUND] There is no table '${key}'.`);
      if (info.owner !== caller.userName)
        throw new GatewayError(
          'policy_forbidden',
          `[INSUFFICIENT_PERMISSIONS] ${caller.userName} has no MODIFY on '${key}'.`,
        );
      return info;
    },
    find: (name: readonly string[]) => this.infos.get(name.join('.')),
    createTable: async ({ name }: { name: readonly string[] }, caller: Caller) => {
      await Promise.resolve();
      const key = name.join('.');
      this.created.push(`${key} by ${caller.userName}`);
      const signal = key.endsWith('metrics') ? 'metrics' : key.endsWith('logs') ? 'logs' : 'traces';
      this.add(key, signal, 'v1', caller.userName);
      return this.infos.get(key)!;
    },
  } as unknown as Catalog;

  readonly lake = {
    describe: async (location: string) => {
      this.describes += 1;
      if (this.unavailable) throw new GatewayError('gateway_lake_unavailable', 'The lake is away.');
      return this.described.get(location)!;
    },
  } as unknown as OtlpServices['lake'];
}

let tables: FakeTables;
let records: Buffer[];
let spoolState: { full: boolean; failure: GatewayError | undefined };
let server: Server;
let decoders: DecoderPool;

beforeEach(async () => {
  tables = new FakeTables();
  records = [];
  spoolState = { full: false, failure: undefined };
  decoders = new DecoderPool({ workerFile });
  for (const signal of ['metrics', 'logs'] as const) tables.add(`main.default.a_otel_${signal}`, signal);
  tables.add('main.default.a_otel_spans', 'traces');
  tables.add('main.default.b_otel_logs', 'logs', 'v2');
  tables.add('main.default.theirs', 'logs', 'v1', 'bob');
  await start({});
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await decoders.close();
});

async function start(options: Partial<OtlpServices>): Promise<void> {
  const routes = otlpEndpoints({
    catalog: tables.catalog,
    lake: tables.lake,
    spool: {
      appendBytes: async (parts) => {
        if (spoolState.failure) throw spoolState.failure;
        records.push(Buffer.concat(parts));
      },
      get full() {
        return spoolState.full;
      },
    },
    decoders,
    maxBytes: 1_000_000,
    metrics: new Metrics(),
    ...options,
  });
  server = createServer((request, response) => {
    const route = routes.find(({ path }) => path === request.url)!;
    const exchange = { request, response, params: {}, requestId: 'request-1', sourceIp: undefined };
    route.serve({ ...exchange, principal }).catch((error: GatewayError) => route.answerError(error, exchange));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function post(
  path: string,
  headers: Record<string, string>,
  body: Buffer,
  { chunked = false, cut = false } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: (server.address() as AddressInfo).port,
        path,
        method: 'POST',
        headers: { ...headers, ...(chunked ? {} : { 'content-length': String(body.length) }) },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }),
        );
      },
    );
    request.on('error', reject);
    if (cut) return void request.write(body.subarray(0, body.length - 1));
    if (!chunked) return void request.end(body);
    for (let at = 0; at < body.length; at += 100) request.write(body.subarray(at, at + 100));
    request.end();
  });
}

const protobuf = { 'content-type': 'application/x-protobuf' };
const json = { 'content-type': 'application/json' };
const toLogs = { [TABLE]: 'main.default.a_otel_logs' };
const toMetrics = { [TABLE]: 'main.default.a_otel_metrics' };
const oneLog = logsRequest({ body: { stringValue: 'hello' }, timeUnixNano: '5' });

function sendLogs(request: object = oneLog, headers: Record<string, string> = {}): Promise<Answer> {
  return post('/api/2.0/otel/v1/logs', { ...protobuf, ...toLogs, ...headers }, encodeOtlp('logs', request));
}

/** Rows of the last record in the spool. */
function spooled(): Row[] {
  return parseRows(decodeTableRows(records.at(-1)!));
}

describe('what agents send', () => {
  it('fact 1: all three signals', async () => {
    await post(
      '/api/2.0/otel/v1/metrics',
      { ...protobuf, ...toMetrics },
      encodeOtlp('metrics', metricsRequest({ name: 'm', sum: { dataPoints: [{ asInt: '1' }] } })),
    );
    await sendLogs();
    const spans = { ...protobuf, [TABLE]: 'main.default.a_otel_spans' };
    await post('/api/2.0/otel/v1/traces', spans, encodeOtlp('traces', spansRequest({ name: 's' })));
    expect(records.map((record) => decodeTableRows(record).table.location)).toEqual([
      'main.default.a_otel_metrics',
      'main.default.a_otel_logs',
      'main.default.a_otel_spans',
    ]);
  });

  it('fact 2: protobuf and JSON', async () => {
    await sendLogs();
    const fromProtobuf = spooled();
    await post(
      '/api/2.0/otel/v1/logs',
      { 'content-type': 'application/json; charset=utf-8', ...toLogs },
      Buffer.from(JSON.stringify(oneLog)),
    );
    expect(records).toHaveLength(2);
    expect(spooled()).toEqual(fromProtobuf);
  });

  it('fact 3: with a length, chunked, and compressed with gzip or deflate', async () => {
    const body = Buffer.from(JSON.stringify(logsRequest({ body: { stringValue: 'x'.repeat(20_000) } })));
    const answers = [
      await post('/api/2.0/otel/v1/logs', { ...json, ...toLogs }, body),
      await post('/api/2.0/otel/v1/logs', { ...json, ...toLogs }, body, { chunked: true }),
      await post('/api/2.0/otel/v1/logs', { ...json, ...toLogs, 'content-encoding': 'gzip' }, gzipSync(body)),
      await post('/api/2.0/otel/v1/logs', { ...json, ...toLogs, 'content-encoding': 'gzip' }, gzipSync(body), {
        chunked: true,
      }),
      await post('/api/2.0/otel/v1/logs', { ...json, ...toLogs, 'content-encoding': 'deflate' }, deflateSync(body)),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    for (const record of records) expect(parseRows(decodeTableRows(record))[0]!['body']).toHaveLength(20_000);
  });

  it('fact 4: delta and cumulative', async () => {
    const metrics = [1, 2].map((aggregationTemporality) => ({
      name: 'm',
      sum: { aggregationTemporality, dataPoints: [{ asInt: '1' }] },
    }));
    await post(
      '/api/2.0/otel/v1/metrics',
      { ...protobuf, ...toMetrics },
      encodeOtlp('metrics', metricsRequest(...metrics)),
    );
    expect(spooled().map((row) => row['sum'].aggregation_temporality)).toEqual([
      'AGGREGATION_TEMPORALITY_DELTA',
      'AGGREGATION_TEMPORALITY_CUMULATIVE',
    ]);
  });

  it('fact 5: the name of a log in its attribute, its field, or its body', async () => {
    const body = { stringValue: 'claude_code.api_request' };
    const place = 'event otel/src/events/session_telemetry.rs:1089';
    await sendLogs(
      logsRequest(
        { body, attributes: [text('event.name', 'api_request')] },
        { eventName: place, attributes: [text('event.name', 'codex.sse_event')] },
        { eventName: 'the.field', body },
        { eventName: place, body },
        { body },
        { eventName: place },
        { eventName: 'event of the year', body },
        { body: { kvlistValue: { values: [text('a', 'b')] } } },
      ),
    );
    expect(spooled().map((row) => row['event_name'])).toEqual([
      'api_request',
      'codex.sse_event',
      'the.field',
      'claude_code.api_request',
      'claude_code.api_request',
      null,
      'event of the year',
      null,
    ]);
  });

  it('fact 6: logs with an observed time only', async () => {
    await sendLogs(logsRequest({ observedTimeUnixNano: '1763800000123456789' }));
    expect(spooled()[0]).toMatchObject({
      time_unix_nano: '1763800000123456789',
      observed_time_unix_nano: '1763800000123456789',
    });
  });

  it('fact 7: a header for each signal, and one header for all that is refused by name where it does not fit', async () => {
    expect((await sendLogs()).status).toBe(200);
    const answer = await post(
      '/api/2.0/otel/v1/traces',
      { ...protobuf, ...toLogs },
      encodeOtlp('traces', spansRequest({})),
    );
    expect(answer.status).toBe(400);
    expect(decodeAnswer('RpcStatus', answer.body)['message']).toContain('The table has the columns for logs');
  });

  it('fact 8: attribute values of every kind', async () => {
    const values = [
      { stringValue: 's' },
      { intValue: '5' },
      { doubleValue: 0.5 },
      { arrayValue: { values: [{ intValue: '1' }] } },
      {},
    ];
    await sendLogs(logsRequest({ attributes: values.map((value, index) => ({ key: `k${index}`, value })) }));
    expect(spooled()[0]!['attributes']).toEqual({ k0: 's', k1: '5', k2: '0.5', k3: '[1]', k4: 'null' });
  });

  it('fact 9: the configured endpoint, and the paths of the specification with default tables', async () => {
    expect((await post('/v1/logs', protobuf, encodeOtlp('logs', oneLog))).status).toBe(200);
    expect(decodeTableRows(records[0]!).table.location).toBe('main.default.otel_logs');
  });

  it('fact 10: traces are taken', async () => {
    const answer = await post('/v1/traces', json, Buffer.from(JSON.stringify(spansRequest({ name: 'turn' }))));
    expect(answer.status).toBe(200);
    expect(spooled()[0]).toMatchObject({ name: 'turn' });
  });

  it('fact 11: success is 200 with an empty message in the encoding of the request', async () => {
    const binary = await sendLogs();
    expect(binary).toMatchObject({ status: 200, headers: { 'content-type': 'application/x-protobuf' } });
    expect(binary.body).toHaveLength(0);
    const textual = await post('/api/2.0/otel/v1/logs', { ...json, ...toLogs }, Buffer.from(JSON.stringify(oneLog)));
    expect(textual).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(textual.body.toString()).toBe('{}');
  });
});

describe('tables', () => {
  it('come from either header, in any case, with parts in backticks', async () => {
    expect((await sendLogs(oneLog, { [TABLE]: '`main`.Default.a_otel_LOGS' })).status).toBe(200);
    const zerobus = { ...protobuf, 'x-databricks-zerobus-table-name': 'main.default.a_otel_logs' };
    expect((await post('/api/2.0/otel/v1/logs', zerobus, encodeOtlp('logs', oneLog))).status).toBe(200);
  });

  it.each([
    ['none', {}, 400, /X-Databricks-UC-Table-Name is missing/],
    ['one part', { [TABLE]: 'logs' }, 400, /must be one name of three parts/],
    ['two names', { [TABLE]: 'a.b.c, d.e.f.g' }, 400, /must be one name of three parts/],
    ['an unknown table', { [TABLE]: 'main.default.nope' }, 404, /TABLE_OR_VIEW_NOT_FOUND/],
    ['a table without a grant', { [TABLE]: 'main.default.theirs' }, 403, /INSUFFICIENT_PERMISSIONS/],
  ])('%s: a clear error', async (_name, headers, status, message) => {
    const answer = await post(
      '/api/2.0/otel/v1/logs',
      { ...json, ...headers } as Record<string, string>,
      Buffer.from('{}'),
    );
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ message: expect.stringMatching(message) as string });
  });

  it('of v2 get rows of v2', async () => {
    await sendLogs(oneLog, { [TABLE]: 'main.default.b_otel_logs' });
    expect(spooled()[0]).toMatchObject({ service_name: 'agent', body: '"hello"' });
  });

  it('are looked at once, not for every request', async () => {
    await Promise.all([sendLogs(), sendLogs(), sendLogs()]);
    await sendLogs();
    expect(tables.describes).toBe(1);
  });

  it('made by default belong to the admins; whoever asks at once shares one', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => post('/v1/metrics', json, Buffer.from('{}'))));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(tables.created).toEqual(['main.default.otel_metrics by admins']);
  });

  it('that others own are not open because of their name', async () => {
    tables.add('main.default.otel_logs', 'logs', 'v1', 'bob');
    expect((await post('/v1/logs', json, Buffer.from('{}'))).status).toBe(403);
  });

  it('are named by the header on the default paths, too', async () => {
    await post('/v1/logs', { ...protobuf, ...toLogs }, encodeOtlp('logs', oneLog));
    expect(decodeTableRows(records[0]!).table.location).toBe('main.default.a_otel_logs');
    expect(tables.created).toEqual([]);
  });

  it('that cannot be looked at are an error to try again', async () => {
    tables.unavailable = true;
    const answer = await sendLogs();
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(decodeAnswer('RpcStatus', answer.body)).toMatchObject({ code: 14, message: 'The lake is away.' });
  });
});

describe('answers', () => {
  const mixed = metricsRequest({ name: 'm', gauge: { dataPoints: [{ asInt: '1' }, {}] } });

  it('tell a partial success in both encodings', async () => {
    const binary = await post('/api/2.0/otel/v1/metrics', { ...protobuf, ...toMetrics }, encodeOtlp('metrics', mixed));
    expect(decodeAnswer('ExportResponse', binary.body)).toEqual({
      partialSuccess: { rejected: '1', errorMessage: 'a number data point has no value' },
    });
    const textual = await post(
      '/api/2.0/otel/v1/metrics',
      { ...json, ...toMetrics },
      Buffer.from(JSON.stringify(mixed)),
    );
    expect(JSON.parse(textual.body.toString())).toEqual({
      partialSuccess: { rejectedDataPoints: '1', errorMessage: 'a number data point has no value' },
    });
    expect(spooled()).toHaveLength(1);
  });

  it('come after the rows are durable: a spool that fails is an error to try again', async () => {
    spoolState.failure = new GatewayError('gateway_spool_full', 'The spool cannot be written.', {
      retryAfterSeconds: 5,
    });
    expect(await sendLogs()).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });

  it('refuse at once while the spool is full', async () => {
    spoolState.full = true;
    expect(await sendLogs()).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
  });

  it('are a status in protobuf where the request is protobuf', async () => {
    const answer = await post('/api/2.0/otel/v1/logs', { ...protobuf, ...toLogs }, Buffer.from('nonsense'));
    expect(answer).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/x-protobuf', 'x-request-id': 'request-1' },
    });
    expect(decodeAnswer('RpcStatus', answer.body)).toMatchObject({
      code: 3,
      message: expect.stringContaining('not an OTLP protobuf') as string,
    });
  });
});

describe('bodies', () => {
  it.each([
    ['text/plain', 415],
    ['application/x-protobuffer', 415],
    ['application/protobuf', 200],
    ['application/x-protobuf, application/x-protobuf', 200],
  ])('of type %s: %i', async (type, status) => {
    expect((await sendLogs(oneLog, { 'content-type': type })).status).toBe(status);
  });

  it('of an encoding that is not known are refused', async () => {
    expect((await sendLogs(oneLog, { 'content-encoding': 'br' })).status).toBe(415);
  });

  it('that are too large are refused, announced or not', async () => {
    const large = encodeOtlp('logs', logsRequest({ body: { stringValue: 'x'.repeat(1_100_000) } }));
    const headers = { ...protobuf, ...toLogs };
    expect((await post('/api/2.0/otel/v1/logs', headers, large)).status).toBe(413);
    expect((await post('/api/2.0/otel/v1/logs', headers, large, { chunked: true })).status).toBe(413);
    expect((await sendLogs()).status).toBe(200);
  });

  it('that swell when decompressed are cut off', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000));
    expect(
      (await post('/api/2.0/otel/v1/logs', { ...protobuf, ...toLogs, 'content-encoding': 'gzip' }, bomb)).status,
    ).toBe(413);
  });

  it.each([
    ['is not compressed', Buffer.from('plain')],
    ['is cut off', gzipSync(encodeOtlp('logs', oneLog)).subarray(0, -9)],
  ])('whose gzip %s are refused', async (_name, body) => {
    const answer = await post('/api/2.0/otel/v1/logs', { ...protobuf, ...toLogs, 'content-encoding': 'gzip' }, body);
    expect(answer.status).toBe(400);
    expect(records).toEqual([]);
  });

  it('that stop coming are refused', async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await start({ clientTimeoutMs: 50 });
    const answer = await post('/api/2.0/otel/v1/logs', { ...protobuf, ...toLogs }, encodeOtlp('logs', oneLog), {
      cut: true,
    });
    expect(answer.status).toBe(408);
    expect(records).toEqual([]);
  });
});
