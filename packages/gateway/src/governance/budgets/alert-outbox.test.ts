import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { NotificationsConfig, SmtpConfig } from '../../config/notifications-settings.ts';
import { insertOutbox } from '../../state/outbox-repository.ts';
import type { Store } from '../../state/store.ts';
import type { AlertMessage } from './alert-message.ts';
import { AlertOutbox } from './alert-outbox.ts';
import { noNotifications, testingStore } from './testing/budgets.ts';
import { startSmtpSink, type SmtpSinkOptions } from './testing/smtp-sink.ts';
import type { ReachableAddresses } from './webhook-sender.ts';

const secret = 'a-secret-of-the-webhook';
const everywhere: ReachableAddresses = { checkHost() {}, lookup: lookup as ReachableAddresses['lookup'] };

const message: AlertMessage = {
  event: 'budget.threshold_reached',
  alert_id: 'a/1/2026-11/',
  budget_configuration_id: 'b',
  display_name: 'Team A\r\nBcc: eve@example.com',
  scope_type: 'SHARED',
  principal: null,
  time_period: 'MONTH',
  period: '2026-11',
  quantity_threshold: '100',
  spent: '100.25',
  blocks_usage: true,
  resets_at: '2026-12-01T00:00:00.000Z',
  raised_at: '2026-11-22T12:00:00.000Z',
};

interface Given {
  readonly notifications?: Partial<NotificationsConfig>;
  readonly addresses?: ReachableAddresses;
  readonly timeoutMs?: number;
  readonly store?: Store;
  readonly now?: () => number;
}

async function outboxOf(given: Given) {
  const store = given.store ?? (await testingStore());
  const warnings: string[] = [];
  const outbox = new AlertOutbox({
    store,
    notifications: () => ({ ...noNotifications, ...given.notifications }),
    addresses: () => given.addresses ?? everywhere,
    log: { warn: (fields, text) => void warnings.push(`${text}: ${JSON.stringify(fields)}`) },
    timeoutMs: given.timeoutMs ?? 5_000,
    firstRetryMs: 1,
    intervalMs: 5,
    ...(given.now === undefined ? {} : { now: given.now }),
  });
  onTestFinished(() => outbox.stop());
  const put = async (channel: 'email' | 'webhook', target: string, id = `${channel}-${target}`): Promise<void> => {
    const row = { id, channel, target, message: JSON.stringify(message), createdAt: (given.now ?? Date.now)() };
    await store.transaction((tx) => insertOutbox(tx, row));
    outbox.wake();
  };
  const rows = () => store.all('SELECT id, state, tries, last_error FROM alert_outbox');
  return { outbox, store, put, rows, warnings };
}

async function webhook(handle: (request: IncomingMessage, response: ServerResponse, body: string) => void) {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => handle(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`;
  return { url, webhooks: [{ url, secret }] };
}

describe('webhooks', () => {
  test('are signed JSON, and gone once they have arrived', async () => {
    const got: { headers: IncomingMessage['headers']; body: string }[] = [];
    const { url, webhooks } = await webhook(({ headers }, response, body) => {
      got.push({ headers, body });
      response.end();
    });
    const { put, rows } = await outboxOf({ notifications: { webhooks } });
    await put('webhook', url);
    await vi.waitFor(async () => expect(await rows()).toEqual([]));
    expect(got).toHaveLength(1);
    expect(JSON.parse(got[0]?.body ?? '')).toEqual(message);
    const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(got[0]?.headers['x-ucode-signature'])) ?? [];
    expect(hex).toBe(createHmac('sha256', secret).update(`${seconds}.${got[0]?.body}`).digest('hex'));
    expect(JSON.stringify(got)).not.toContain(secret);
  });

  test.each<[string, (response: ServerResponse, request: IncomingMessage) => void, string]>([
    ['errors', (response) => void response.writeHead(500).end(), 'status 500'],
    [
      'redirects, which are not followed',
      (response) => void response.writeHead(307, { location: '/' }).end(),
      'status 307',
    ],
    ['connections that are cut', (_, request) => void request.socket.destroy(), ''],
  ])('are tried again after %s', async (_, misbehave, reason) => {
    let calls = 0;
    const ids = new Set<unknown>();
    const { url, webhooks } = await webhook((request, response) => {
      ids.add(request.headers['x-ucode-delivery']);
      if (++calls < 3) misbehave(response, request);
      else response.end();
    });
    const { put, rows, warnings } = await outboxOf({ notifications: { webhooks } });
    await put('webhook', url);
    await vi.waitFor(async () => expect(await rows()).toEqual([]));
    expect(calls).toBe(3);
    expect(ids.size).toBe(1);
    expect(warnings[0]).toContain(reason);
  });

  test('that say nothing are given up after a while, and hold nobody else up', async () => {
    let held = 0;
    const silent = await webhook(() => void held++);
    const fine = await webhook((_, response) => void response.end());
    const webhooks = [...silent.webhooks, ...fine.webhooks];
    const { put, rows } = await outboxOf({ notifications: { webhooks }, timeoutMs: 50 });
    await put('webhook', silent.url);
    await put('webhook', fine.url);
    await vi.waitFor(async () => {
      expect(await rows()).toMatchObject([{ id: `webhook-${silent.url}` }]);
      expect(held).toBeGreaterThan(1);
    });
  });

  test('whose answer never ends have arrived', async () => {
    const { url, webhooks } = await webhook((_, response) => void response.writeHead(200).write('x'));
    const { put, rows } = await outboxOf({ notifications: { webhooks } });
    await put('webhook', url);
    await vi.waitFor(async () => expect(await rows()).toEqual([]));
  });

  test('at addresses that are not allowed are never called', async () => {
    let calls = 0;
    const { url, webhooks } = await webhook((_, response) => void (calls++, response.end()));
    const refusing: ReachableAddresses = {
      ...everywhere,
      checkHost: (host) => {
        throw new Error(`${host} is private`);
      },
    };
    const { put, rows } = await outboxOf({ notifications: { webhooks }, addresses: refusing });
    await put('webhook', url);
    await vi.waitFor(async () => expect((await rows())[0]?.['last_error']).toBe('127.0.0.1 is private'));
    expect(calls).toBe(0);
  });

  test('whose name leads to an address that is not allowed are never called', async () => {
    let calls = 0;
    const { url } = await webhook((_, response) => void (calls++, response.end()));
    const named = url.replace('127.0.0.1', 'localhost');
    const refusing: ReachableAddresses = {
      checkHost() {},
      lookup: (_host, _options, callback) => callback(new Error('it is private'), ''),
    };
    const { put, rows } = await outboxOf({
      notifications: { webhooks: [{ url: named, secret }] },
      addresses: refusing,
    });
    await put('webhook', named);
    await vi.waitFor(async () => expect((await rows())[0]?.['last_error']).toBe('it is private'));
    expect(calls).toBe(0);
  });

  test('that are not in the configuration any more wait', async () => {
    const { put, rows } = await outboxOf({});
    await put('webhook', 'http://127.0.0.1:1/');
    await vi.waitFor(async () => expect((await rows())[0]?.['last_error']).toContain('notifications.webhooks'));
  });
});

describe('mails', () => {
  async function mailWorld(sink: SmtpSinkOptions, smtp: Partial<SmtpConfig> = {}, timeoutMs?: number) {
    const server = await startSmtpSink(sink);
    onTestFinished(() => server.close());
    const config: SmtpConfig = {
      host: '127.0.0.1',
      port: server.port,
      user: undefined,
      password: undefined,
      from: 'Gateway <gateway@example.com>',
      tls: 'never',
      ...smtp,
    };
    const world = await outboxOf({
      notifications: { smtp: config },
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    return { ...world, server };
  }

  test('arrive once, and names in them begin no header', async () => {
    const { put, rows, server } = await mailWorld({});
    await put('email', 'boss@example.com');
    await vi.waitFor(async () => expect(await rows()).toEqual([]));
    expect(server.mails).toMatchObject([{ from: 'gateway@example.com', to: ['boss@example.com'] }]);
    const data = server.mails[0]?.data ?? '';
    expect(data).toMatch(/^Subject: Budget 'Team A Bcc: eve@example.com': \$100\.00\s+reached$/m);
    expect(data).not.toMatch(/^Bcc:/m);
    expect(data).toContain('$100.25 by everybody it covers in 2026-11');
    expect(data).toContain('Requests are refused until then.');
  });

  test.each([
    ['offers no STARTTLS', { offers: [] }],
    [
      'refuses STARTTLS',
      { offers: ['STARTTLS'], answer: (line: string) => (line.startsWith('STARTTLS') ? '454 no' : undefined) },
    ],
  ])('nothing is sent where TLS is required and the server %s', async (_, sink) => {
    const { put, rows, server } = await mailWorld(sink, { tls: 'required', user: 'me', password: 'very-secret-word' });
    await put('email', 'boss@example.com');
    await vi.waitFor(async () => expect((await rows())[0]?.['tries']).toBeGreaterThan(0));
    expect(server.mails).toEqual([]);
    expect(server.commands.filter((line) => /^(AUTH|MAIL|RCPT|DATA)/.test(line))).toEqual([]);
  });

  test('are tried again where the server refuses for now', async () => {
    let refused = 0;
    const answer = (line: string): string | undefined => (line === '.' && refused++ < 2 ? '451 later' : undefined);
    const { put, rows, server, warnings } = await mailWorld({ answer });
    await put('email', 'boss@example.com');
    await vi.waitFor(async () => expect(await rows()).toEqual([]));
    expect(server.mails).toHaveLength(1);
    expect(warnings).toHaveLength(2);
  });

  test('do not wait for a server that says nothing', async () => {
    const answer = (): 'hang' => 'hang';
    const { put, rows } = await mailWorld({ answer }, {}, 50);
    await put('email', 'boss@example.com');
    await vi.waitFor(async () => expect((await rows())[0]?.['tries']).toBeGreaterThan(1));
  });

  test('the password is in no message', async () => {
    const answer = (line: string): string | undefined =>
      line.startsWith('AUTH') ? '535 very-secret-word is wrong' : undefined;
    const { put, rows, warnings } = await mailWorld(
      { offers: ['AUTH PLAIN'], answer },
      { user: 'me', password: 'very-secret-word' },
    );
    await put('email', 'boss@example.com');
    await vi.waitFor(async () => expect((await rows())[0]?.['last_error']).toContain('*** is wrong'));
    expect(JSON.stringify([warnings, await rows()])).not.toContain('very-secret-word');
  });
});

test('several gateways send each message once while none of them dies', async () => {
  let calls = 0;
  const { url, webhooks } = await webhook((_, response) => void (calls++, response.end()));
  const store = await testingStore();
  const worlds = await Promise.all([1, 2, 3].map(() => outboxOf({ store, notifications: { webhooks } })));
  for (let n = 0; n < 30; n++) await worlds[n % 3]?.put('webhook', url, `m${n}`);
  await vi.waitFor(async () => expect(await worlds[0]?.rows()).toEqual([]));
  expect(calls).toBe(30);
});

test('what a killed gateway had taken is sent by another one later', async () => {
  let calls = 0;
  const { url, webhooks } = await webhook((_, response) => void (calls++, response.end()));
  const store = await testingStore();
  let now = 1_000_000;
  const { outbox, put, rows } = await outboxOf({ store, notifications: { webhooks }, now: () => now });
  await outbox.stop();
  await put('webhook', url);
  // Another one took it and died.
  await store.run('UPDATE alert_outbox SET due_at = ?', now + 60_000);
  const other = await outboxOf({ store, notifications: { webhooks }, now: () => now });
  other.outbox.wake();
  expect(calls).toBe(0);
  now += 60_000;
  other.outbox.wake();
  await vi.waitFor(async () => expect(await rows()).toEqual([]));
  expect(calls).toBe(1);
});

test('a message that does not arrive for days is kept, and tried no more', async () => {
  let now = 1_000_000;
  const { put, rows, warnings } = await outboxOf({ now: () => now });
  await put('email', 'boss@example.com');
  await vi.waitFor(async () => expect((await rows())[0]?.['tries']).toBe(1));
  now += 4 * 24 * 3_600_000;
  await vi.waitFor(async () => expect(await rows()).toMatchObject([{ state: 'failed', tries: 2 }]));
  expect(warnings.at(-1)).toContain('given up');
});
