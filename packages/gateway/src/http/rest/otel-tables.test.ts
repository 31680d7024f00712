import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ada, admin, TestCatalog } from '../../unity/testing/open-catalog.ts';
import { otelTableRoutes } from './otel-tables.ts';
import { bodyOf, call } from './testing-config.ts';

let unity: TestCatalog;
beforeEach(async () => {
  unity = await TestCatalog.open();
});
afterEach(() => unity.close());

function make(body: Record<string, unknown>, caller = admin) {
  const principal = {
    id: '7',
    type: 'USER',
    active: true,
    authMode: 'PAT',
    scopes: new Set(['all-apis']),
    tokenId: 't',
    ...caller,
  } as const;
  return call(otelTableRoutes, '/api/2.0/otel/tables', {
    request: { method: 'POST', body, principal },
    context: { catalog: unity.catalog },
  });
}

describe('POST /api/2.0/otel/tables', () => {
  it('makes the tables, which belong to the caller', async () => {
    const { tables } = await bodyOf(make({ prefix: 'team' }));
    expect(tables).toEqual([
      { signal: 'metrics', full_name: 'main.default.team_otel_metrics', schema_version: 'v1', created: true },
      { signal: 'logs', full_name: 'main.default.team_otel_logs', schema_version: 'v1', created: true },
      { signal: 'traces', full_name: 'main.default.team_otel_spans', schema_version: 'v1', created: true },
    ]);
    expect((await unity.catalog.writable(['main', 'default', 'team_otel_logs'], admin)).owner).toBe(admin.userName);
  });

  it('leaves tables that are there as they are', async () => {
    await make({ prefix: 'team', signals: ['logs'] });
    const { tables } = await bodyOf(make({ prefix: 'team', signals: ['logs', 'metrics'], version: 'v2' }));
    expect(tables).toMatchObject([
      { signal: 'metrics', created: true },
      { signal: 'logs', created: false },
    ]);
  });

  it('says how agents send to them, without a token', async () => {
    const { agents } = await bodyOf(make({ prefix: 'team', signals: ['metrics', 'logs'] }));
    expect(agents.claude_code.environment).toEqual({
      CLAUDE_CODE_ENABLE_TELEMETRY: '1',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://127.0.0.1:8484/api/2.0/otel/v1/metrics',
      OTEL_EXPORTER_OTLP_METRICS_HEADERS:
        'content-type=application/x-protobuf,Authorization=Bearer <token>,X-Databricks-UC-Table-Name=main.default.team_otel_metrics',
      OTEL_METRIC_EXPORT_INTERVAL: '10000',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/protobuf',
      OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://127.0.0.1:8484/api/2.0/otel/v1/logs',
      OTEL_EXPORTER_OTLP_LOGS_HEADERS:
        'content-type=application/x-protobuf,Authorization=Bearer <token>,X-Databricks-UC-Table-Name=main.default.team_otel_logs',
      OTEL_LOGS_EXPORT_INTERVAL: '5000',
    });
    expect(agents.codex.file.content).toContain(
      'metrics_exporter = { otlp-http = { endpoint = "http://127.0.0.1:8484/api/2.0/otel/v1/metrics", protocol = "binary"',
    );
    expect(JSON.parse(agents.gemini_cli.file.content).telemetry.otlpEndpoint).toBe(
      'http://127.0.0.1:8484/api/2.0/otel',
    );
    expect(agents.copilot_cli.environment.COPILOT_OTEL_ENABLED).toBe('true');
  });

  it.each([
    [{}, /'prefix' is missing/],
    [{ prefix: 'a b' }, /ASCII letters/],
    [{ prefix: 5 }, /'prefix' must be a string/],
    [{ prefix: 'a', version: 'v3' }, /'version' must be one of v1, v2/],
    [{ prefix: 'a', signals: ['spans'] }, /'signals' must be a list of metrics, logs, traces/],
    [{ prefix: 'a', table: 'x' }, /'table' is not known/],
  ])('refuses %j', async (body, message) => {
    await expect(make(body)).rejects.toMatchObject({
      code: 'caller_invalid_parameter',
      message: expect.stringMatching(message) as string,
    });
  });

  it('needs the right to make tables', async () => {
    await unity.run('CREATE SCHEMA main.closed');
    await expect(make({ prefix: 'a', schema: 'closed' }, ada)).rejects.toMatchObject({
      fault: expect.stringMatching(/caller|policy/) as string,
    });
    expect(unity.catalog.find(['main', 'closed', 'a_otel_metrics'])).toBeUndefined();
  });
});
