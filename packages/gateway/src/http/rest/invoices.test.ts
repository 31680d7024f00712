import { expect, test } from 'vitest';
import type { Account, Directory } from '../../identity/directory.ts';
import type { SqlEngine, StatementRequest } from '../../sql/statement.ts';
import type { Principal } from '../../identity/principal.ts';
import { invoiceRoutes } from './invoices.ts';
import { call } from './testing-config.ts';

const account = (userName: string, ...groups: string[]) => ({ userName, groups }) as unknown as Account;
const directory = {
  accounts: () => [account('ada@example.com', 'admins', 'Team'), account('bob@example.com', 'Team')],
  groupNames: () => ['account users', 'admins', 'Team'],
} as Partial<Directory>;
const bob: Principal = {
  id: '7',
  userName: 'bob@example.com',
  type: 'USER',
  groups: ['Team'],
  active: true,
  authMode: 'PAT',
  tokenId: 't',
  scopes: new Set(['all-apis']),
};

function get(query: string, principal?: Principal) {
  const asked: StatementRequest[] = [];
  const sql: Pick<SqlEngine, 'execute'> = {
    execute(request) {
      asked.push(request);
      return Promise.resolve({
        columns: [],
        rows: [
          ['total', null, null, '2', '10', '5', '0.015'],
          ['model', null, '=cmd', '2', '10', '5', '0.015'],
        ],
        truncated: false,
      });
    },
  };
  const context = { sql, directory } as never;
  const answer = call(invoiceRoutes, `/api/ai-gateway/v2/invoices?${query}`, {
    context,
    ...(principal === undefined ? {} : { request: { principal } }),
  });
  return { answer, asked };
}

test('an admin gets the invoice of the workspace', async () => {
  const { answer, asked } = get('month=2025-11');
  expect(await answer).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'no-store' },
    body: { month: '2025-11', total: { cost_usd: '0.02', exact_cost_usd: '0.015' } },
  });
  expect(asked).toMatchObject([{ caller: { userName: 'ada@example.com' } }]);
});

test("a group's members are those of the directory", async () => {
  const { answer, asked } = get('month=2025-11&for=group:team');
  await answer;
  expect(asked[0]?.parameters?.find(({ name }) => name === 'requesters')?.value).toBe(
    '["ada@example.com","bob@example.com"]',
  );
});

test('a user gets their own, with their own rights, and no other', async () => {
  const own = get('month=2025-11&for=user:BOB@example.com', bob);
  expect(await own.answer).toMatchObject({ status: 200 });
  expect(own.asked).toMatchObject([{ caller: { userName: 'bob@example.com' } }]);
  for (const subject of ['workspace', 'group:Team', 'group:admins', 'user:ada@example.com', 'user:bob@example.com ']) {
    const { answer, asked } = get(`month=2025-11&for=${encodeURIComponent(subject)}`, bob);
    await expect(answer).rejects.toMatchObject({ code: 'policy_forbidden' });
    expect(asked).toEqual([]);
  }
  await expect(get('month=2025-11', bob).answer).rejects.toMatchObject({ code: 'policy_forbidden' });
});

test('CSV and PDF are files', async () => {
  expect(await get('month=2025-11&format=csv').answer).toMatchObject({
    headers: { 'content-disposition': 'attachment; filename="invoice-2025-11-workspace.csv"' },
    content: { type: expect.stringContaining('text/csv') as string, bytes: expect.stringContaining("'=cmd") as string },
  });
  const { content } = await get('month=2025-11&format=pdf').answer;
  expect(content?.type).toBe('application/pdf');
  expect(Buffer.from(content!.bytes).subarray(0, 5).toString()).toBe('%PDF-');
});

test.each([
  ['', 'month'],
  ['month=2099-01', 'month'],
  ['month=2025-11&format=exe', 'format'],
  ['month=2025-11&for=everybody', 'for'],
])('%j is refused', async (query, param) => {
  await expect(get(query).answer).rejects.toMatchObject({ code: 'caller_invalid_parameter', param });
});
