import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditEvent } from '../audit/audit-event.ts';
import { GatewayError } from '../errors/gateway-error.ts';
import type { Caller } from '../unity/caller.ts';
import { parseStatement } from '../unity/ddl/parse-statement.ts';
import { admin, bob, TestCatalog } from '../unity/testing/open-catalog.ts';
import { SqlAudit } from './sql-audit.ts';

const from = {
  requestId: 'request-1',
  actorType: 'USER',
  sourceIp: '192.0.2.7',
  userAgent: 'a driver',
} as const;

let catalog: TestCatalog;
let events: AuditEvent[];
let writable: boolean;
let settled: number;
let audit: SqlAudit;
beforeEach(async () => {
  catalog = await TestCatalog.open();
  events = [];
  writable = true;
  settled = 0;
  audit = new SqlAudit({
    catalog: catalog.catalog,
    audit: {
      record: (event) => void events.push(event),
      writable: true,
      requireWritable() {
        if (!writable) throw new GatewayError('gateway_audit_unavailable', 'The disk is full.');
      },
      settled: async () => void settled++,
    },
    now: () => 1_700_000_000_000,
  });
});
afterEach(() => catalog.close());

/** As the engine runs it: queries do nothing here. */
function run(sql: string, caller: Caller = admin) {
  return audit.around({ sql, caller, from }, parseStatement(sql), async () =>
    parseStatement(sql) === undefined ? { columns: [], rows: [], truncated: false } : catalog.run(sql, caller),
  );
}

test('GRANT and REVOKE are changes: who, what, before, after, from where', async () => {
  await run('GRANT USE SCHEMA ON SCHEMA main.default TO `bob@example.com`');
  await run('GRANT SELECT, USE SCHEMA ON SCHEMA default TO `bob@example.com`');
  await run('REVOKE SELECT ON SCHEMA main.default FROM `bob@example.com`');
  const [first, second, third] = events;
  expect(first).toMatchObject({
    ...from,
    service: 'unityCatalog',
    action: 'updatePermissions',
    actor: 'root@example.com',
    status: 200,
    errorCode: undefined,
    change: { target: 'permissions/schema/main.default' },
  });
  const held = (state: unknown) => (state as Record<string, string[]>)['bob@example.com']?.toSorted();
  expect(held(first?.change?.before)).toBeUndefined();
  expect(held(second?.change?.before)).toEqual(['USE_SCHEMA']);
  expect(held(second?.change?.after)).toEqual(['SELECT', 'USE_SCHEMA']);
  expect(held(third?.change?.after)).toEqual(['USE_SCHEMA']);
  // Answered once they are on disk.
  expect(settled).toBe(3);
});

test.each([
  ['CREATE CATALOG sales', 'createCatalog', 'catalogs/sales'],
  ['CREATE SCHEMA team', 'createSchema', 'schemas/main.team'],
  ['CREATE TABLE t (a INT)', 'createTable', 'tables/main.default.t'],
  ['ALTER CATALOG main OWNER TO `bob@example.com`', 'updateCatalog', 'catalogs/main'],
  ["COMMENT ON SCHEMA main.default IS 'ours'", 'updateSchema', 'schemas/main.default'],
])('%s is %s of %s', async (sql, action, target) => {
  await run(sql);
  expect(events).toMatchObject([{ action, change: { target }, status: 200 }]);
  expect(events[0]?.change?.before).not.toEqual(events[0]?.change?.after);
});

test('what is dropped stands in before', async () => {
  await catalog.run("CREATE SCHEMA main.gone COMMENT 'the old one'");
  await run('DROP SCHEMA main.gone');
  expect(events).toMatchObject([{ action: 'deleteSchema', change: { before: { comment: 'the old one' } } }]);
  expect(events[0]?.change?.after).toBeUndefined();
});

test('a change that is refused is an event, and so is a query that is', async () => {
  await expect(run('GRANT MANAGE ON CATALOG main TO `bob@example.com`', bob)).rejects.toThrow();
  expect(events).toMatchObject([{ action: 'updatePermissions', actor: 'bob@example.com' }]);
  expect(events[0]?.errorCode).toMatch(/^policy_forbidden$|_not_found$/);
  expect(events[0]?.status).toBeGreaterThanOrEqual(400);
  expect(events[0]?.change?.after).toBeUndefined();

  const forbidden = new GatewayError('policy_forbidden', '[INSUFFICIENT_PERMISSIONS] No.');
  const refused = audit.around({ sql: 'SELECT 1', caller: bob, from }, undefined, () => Promise.reject(forbidden));
  await expect(refused).rejects.toBe(forbidden);
  expect(events[1]).toMatchObject({
    ...from,
    service: 'sql',
    action: 'executeStatement',
    errorCode: 'policy_forbidden',
  });
});

test('what only reads, and mistakes in queries, leave nothing', async () => {
  await run('SHOW CATALOGS');
  await run('SELECT 1');
  const wrong = new GatewayError('caller_sql_syntax', '[PARSE_SYNTAX_ERROR] No.');
  await audit.around({ sql: 'SELEC', caller: bob }, undefined, () => Promise.reject(wrong)).catch(() => {});
  expect(events).toEqual([]);
});

test('what cannot be kept is not changed; reading goes on', async () => {
  writable = false;
  await expect(run('CREATE SCHEMA main.secret')).rejects.toMatchObject({ code: 'gateway_audit_unavailable' });
  expect(await catalog.rows('SHOW SCHEMAS')).not.toContainEqual(['secret']);
  await run('SHOW SCHEMAS');
});
