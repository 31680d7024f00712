import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { pollSql } from '../support/statements.ts';
import { ucodeGateway } from './support/command-line.ts';
import { configurationOf } from './support/configuration-of.ts';
import { call } from './support/http-call.ts';

const CONFIG = `
users:
  - name: admin
    groups: [admins]
  - name: ann@example.com
    groups: [research]
`;
const month = new Date().toISOString().slice(0, 7);

let gateway: Gateway;
let ann: string;
beforeAll(async () => {
  gateway = await startGateway({ config: CONFIG });
  const made = await ucodeGateway(['token', 'create', '--user', 'ann@example.com', ...(await options())]);
  ann = made.stdout.trim();
  for (const token of [gateway.token, ann, ann]) {
    const body = JSON.stringify({
      model: 'system.ai.claude-opus-4-8',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'hi' }],
    });
    const headers = { 'databricks-ai-gateway-request-tags': JSON.stringify({ project: 'apollo' }) };
    const answer = await call(`${gateway.url}/ai-gateway/anthropic/v1/messages`, { token, body, headers });
    expect(answer.status, answer.text).toBe(200);
  }
  await pollSql(gateway, 'SELECT request_id FROM system.ai_gateway.usage', (rows) => rows.length >= 3);
}, 120_000);
afterAll(() => gateway?.stop());

const options = (): Promise<string[]> => configurationOf(gateway, CONFIG);
const invoice = (query: string, token: string) =>
  call(`${gateway.url}/api/ai-gateway/v2/invoices?month=${month}&${query}`, { token });
const tableSum = async (condition = 'true'): Promise<string> => {
  const sql = `SELECT coalesce(sum(cost_usd), 0) AS cost FROM system.ai_gateway.usage WHERE ${condition}`;
  const [row] = await pollSql(gateway, sql, (rows) => rows.length === 1);
  return row?.['cost'] ?? '';
};

describe('an invoice', () => {
  it.each([
    ['workspace', 'true', 3],
    ['group:research', "requester = 'ann@example.com'", 2],
    ['user:ann@example.com', "requester = 'ann@example.com'", 2],
  ])('for %s is what the usage table says', async (subject, condition, requests) => {
    const answer = await invoice(`for=${subject}`, gateway.token);
    expect(answer.status, answer.text).toBe(200);
    const { total, breakdowns } = answer.json();
    expect(total.requests).toBe(requests);
    expect(Number(total.exact_cost_usd)).toBe(Number(await tableSum(condition)));
    const cents = (lines: { cost_usd: string }[]): number =>
      lines.reduce((sum, line) => sum + Math.round(Number(line.cost_usd) * 100), 0);
    for (const { by, lines } of breakdowns) expect([by, cents(lines)]).toEqual([by, cents([total])]);
    expect(breakdowns.find(({ by }: { by: string }) => by === 'tag')).toMatchObject({
      tag: 'project',
      lines: [{ name: 'apollo', requests }],
    });
  });

  it('is for admins, and for users their own', async () => {
    expect((await invoice('for=workspace', ann)).status).toBe(403);
    expect((await invoice('for=group:research', ann)).status).toBe(403);
    expect((await invoice('for=user:admin', ann)).status).toBe(403);
    const own = await invoice('for=user:ann@example.com', ann);
    expect(own.json().total.requests).toBe(2);
  });

  it('comes as CSV and as PDF', async () => {
    const csv = await invoice('for=workspace&format=csv', gateway.token);
    expect(csv.headers['content-type']).toContain('text/csv');
    expect(csv.text).toContain(',tag,project,apollo,3,');
    const pdf = await invoice('for=workspace&format=pdf', gateway.token);
    expect(pdf.headers['content-type']).toBe('application/pdf');
    expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('is drawn by the command too, on the data and at the gateway', async () => {
    const { total } = (await invoice('for=group:research', gateway.token)).json();
    const whom = ['invoice', '--month', month, '--for', 'group:research'];
    for (const where of [await options(), ['--url', gateway.url, '--token', gateway.token]]) {
      const { code, stdout, stderr } = await ucodeGateway([...whom, ...where]);
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ total });
    }
    const refused = await ucodeGateway(['invoice', '--month', 'May', ...(await options())]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('2026-11') as string });
  });
});
