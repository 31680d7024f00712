// `ucode-gateway otel setup`, and plain exporters that name no table.
import { expect, it } from 'vitest';
import { startGateway } from '../support/gateway-process.ts';
import { pollSql, runSql } from '../support/statements.ts';
import { ucodeGateway } from './support/command-line.ts';
import { call } from './support/http-call.ts';

const logs = (body: string) =>
  JSON.stringify({
    resourceLogs: [
      { scopeLogs: [{ logRecords: [{ timeUnixNano: '1770000000000000001', body: { stringValue: body } }] }] },
    ],
  });

it('makes the tables beside a running gateway, prints what to set, and is harmless twice', async () => {
  const gateway = await startGateway();
  try {
    const args = ['otel', 'setup', '--table-prefix', 'team', '--data', gateway.data, '--url', gateway.url];
    const first = await ucodeGateway(args);
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' });
    expect(first.stdout).toContain('created main.default.team_otel_metrics');
    const header = /OTEL_EXPORTER_OTLP_LOGS_HEADERS='.*X-Databricks-UC-Table-Name=([\w.]+)'/.exec(first.stdout)?.[1];
    const endpoint = /OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=(\S+)/.exec(first.stdout)?.[1];
    expect(endpoint).toBe(`${gateway.url}/api/2.0/otel/v1/logs`);
    const headers = { 'x-databricks-uc-table-name': header! };
    const answer = await call(endpoint!, { token: gateway.token, body: logs('as printed'), headers });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '{}' });
    const sql = 'SELECT body, time_unix_nano FROM main.default.team_otel_logs';
    expect(await pollSql(gateway, sql, (rows) => rows.length > 0)).toEqual([
      { body: 'as printed', time_unix_nano: '1770000000000000001' },
    ]);
    const second = await ucodeGateway(args);
    expect(second.code).toBe(0);
    expect(second.stdout).toContain('exists  main.default.team_otel_metrics');
    expect(await runSql(gateway, sql)).toHaveLength(1);
  } finally {
    await gateway.stop();
  }
});

it('an exporter that names no table finds one', async () => {
  const gateway = await startGateway();
  try {
    const answer = await call(`${gateway.url}/v1/logs`, { token: gateway.token, body: logs('plain') });
    expect(answer.status, answer.text).toBe(200);
    const rows = await pollSql(gateway, 'SELECT body FROM main.default.otel_logs', (all) => all.length > 0);
    expect(rows).toEqual([{ body: 'plain' }]);
    expect((await call(`${gateway.url}/v1/logs`, { body: logs('nobody') })).status).toBe(401);
  } finally {
    await gateway.stop();
  }
});
