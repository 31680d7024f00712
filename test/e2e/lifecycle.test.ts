import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readUsage, startGateway, type Gateway } from '../support/gateway-process.ts';
import { ucodeGateway } from './support/command-line.ts';
import { firstModel } from './support/first-model.ts';
import { eachDialect } from './support/dialect-cases.ts';
import { gatewayYaml } from './support/gateway-config.ts';
import { call } from './support/http-call.ts';
import { openStream } from './support/http-stream.ts';
import { scriptedModel, scriptedProviders, startScriptedGateway } from './support/scripted-gateway.ts';
import { withScratchDirectory } from './support/scratch-directory.ts';
import { startScriptedUpstream } from './support/scripted-upstream.ts';
import { answers, speaks } from './support/scripts.ts';
import { waitFor } from './support/wait-for.ts';

const chat = eachDialect.find(([name]) => name === 'openai-chat')![1];
const tokenPattern = /ucg_[A-Za-z0-9_-]+/g;
const me = '/api/2.0/preview/scim/v2/Me';

describe('first and second start', () => {
  it('prints one token once, and the second start accepts it', () =>
    withScratchDirectory(async (directory) => {
      const data = path.join(directory, 'data');
      const first = await startGateway({ data });
      const token = await waitFor('the first token', () => first.output().match(tokenPattern)?.[0]);
      expect(new Set(first.output().match(tokenPattern))).toEqual(new Set([token]));
      expect((await call(first.url + me, { token })).status).toBe(200);
      expect(await first.stop()).toBe(0);
      const second = await startGateway({ data, token });
      try {
        expect(second.output()).not.toMatch(tokenPattern);
        expect((await call(second.url + me, { token })).status).toBe(200);
      } finally {
        expect(await second.stop()).toBe(0);
      }
      expect((await stat(data)).mode & 0o077).toBe(0);
      for (const file of await filesUnder(data)) {
        expect((await readFile(file)).includes(token), `${file} holds the token`).toBe(false);
        if ((await stat(file)).size > 0 && !/lock/.test(path.basename(file))) {
          expect((await stat(file)).mode & 0o077, `${file} is open to others`).toBe(0);
        }
      }
    }));

  it('needs no configuration: the demo answers', async () => {
    const gateway = await startGateway();
    try {
      const body = JSON.stringify({ model: await firstModel(gateway), messages: [{ role: 'user', content: 'hi' }] });
      const result = await call(`${gateway.url}/ai-gateway/mlflow/v1/chat/completions`, { token: gateway.token, body });
      expect(result.json().choices[0].message.content).toContain('Hello from the ucode demo model.');
      const [record] = await waitFor('the record', async () => (await gateway.usage()).length === 1 && gateway.usage());
      expect(record).toMatchObject({
        input_tokens: 1200,
        output_tokens: 42,
        status_code: 200,
        tokens_estimated: false,
      });
      expect(record!.token_details).toMatchObject({ cache_read_input_tokens: 1000, output_reasoning_tokens: 7 });
    } finally {
      await gateway.stop();
    }
  });
});

describe('tokens', () => {
  it('are created bare, listed without their value, and refused within two seconds of their revocation', async () => {
    const gateway = await startGateway();
    try {
      const { data, url } = gateway;
      const user = (await call(url + me, { token: gateway.token })).json().userName as string;
      const created = await ucodeGateway(['token', 'create', '--user', user, '--comment', 'for ci', '--data', data]);
      expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ucg_[A-Za-z0-9_-]+\n$/) });
      const token = created.stdout.trim();
      for (const headers of [
        { authorization: `Bearer ${token}` },
        { 'x-api-key': token },
        { 'x-goog-api-key': token },
      ]) {
        const result = await call(`${url}/ai-gateway/openai/v1/models`, { headers: headers as Record<string, string> });
        expect(result.status, Object.keys(headers)[0]).toBe(200);
      }
      const listed = await ucodeGateway(['token', 'list', '--json', '--data', data]);
      expect(listed.stdout).not.toContain(token);
      const entry = listed.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .find((candidate) => candidate.comment === 'for ci');
      expect(entry).toMatchObject({ user, state: 'valid' });
      expect((await ucodeGateway(['token', 'revoke', entry.id, '--data', data])).code).toBe(0);
      await waitFor('the token to be refused', async () => (await call(url + me, { token })).status === 401, 2_000);
      expect((await call(url + me, { token: gateway.token })).status).toBe(200);
      expect((await ucodeGateway(['token', 'revoke', entry.id, '--data', data])).code).not.toBe(0);
    } finally {
      await gateway.stop();
    }
  });

  it('are not made for unknown users', () =>
    withScratchDirectory(async (data) => {
      const result = await ucodeGateway(['token', 'create', '--user', 'nobody@example.com', '--data', data]);
      expect(result.code).toBe(1);
      expect(result.stdout).toBe('');
      expect(result.stderr).toContain('nobody@example.com');
    }));

  it('shorter by one character or with one more are refused', async () => {
    const gateway = await startGateway();
    try {
      for (const token of [
        gateway.token.slice(0, -1),
        `${gateway.token}x`,
        gateway.token.toUpperCase(),
        `${gateway.token} `.trimEnd().slice(0, 20),
      ]) {
        expect((await call(gateway.url + me, { token })).status).toBe(401);
      }
    } finally {
      await gateway.stop();
    }
  });
});

describe('config check and explain', () => {
  const provider = {
    name: 'openai',
    block: 'custom' as const,
    options: { base_url: 'http://127.0.0.1:9/v1', api_key: '${env:SECRET_OF_TEST}' },
  };
  const good = gatewayYaml({
    providers: [provider],
    services: [{ name: 'chat', destinations: [{ provider: 'openai', model: 'm' }] }],
  });
  const run = (verb: string, text: string, env: Record<string, string> = {}): ReturnType<typeof ucodeGateway> =>
    withScratchDirectory(async (directory) => {
      const file = path.join(directory, 'gateway.yaml');
      await writeFile(file, text);
      return ucodeGateway(['config', verb, '--config', file, '--data', path.join(directory, 'data')], env);
    });

  it('accepts a good file and shows no secret', async () => {
    const env = { SECRET_OF_TEST: 'sk-very-secret-value' };
    expect(await run('check', good, env)).toMatchObject({ code: 0 });
    const explained = await run('explain', good, env);
    expect(explained.code).toBe(0);
    expect(explained.stdout).toContain('main.test.chat');
    expect(explained.stdout).not.toContain('sk-very-secret-value');
  });

  it.each([
    ['not YAML', 'server: {port: 1\n', /gateway\.yaml:\d+/],
    ['an unknown key, with a suggestion', 'server:\n  prot: 1\n', /gateway\.yaml:2.*prot/s],
    ['a wrong type', 'server:\n  port: "many"\n', /gateway\.yaml:2.*port/s],
    ['a duration without unit', 'server:\n  idle_timeout: soon\n', /gateway\.yaml:2.*idle_timeout/s],
    ['a secret that is not there', good, /SECRET_OF_TEST/],
    [
      'a destination that names no provider',
      good
        .replace('model-provider-services/main.test.openai', 'model-provider-services/main.test.absent')
        .replace('${env:SECRET_OF_TEST}', 'k'),
      /main\.test\.absent/,
    ],
    [
      'percentages that do not sum to 100',
      good.replace('"traffic_percentage": 100', '"traffic_percentage": 70').replace('${env:SECRET_OF_TEST}', 'k'),
      /100/,
    ],
  ])('refuses %s with file, place and cure', async (_what, text, message) => {
    const result = await run('check', text);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(message);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });

  it('names a file that does not exist', async () => {
    const result = await ucodeGateway(['config', 'check', '--config', '/nonexistent/gateway.yaml']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('/nonexistent/gateway.yaml');
  });
});

describe('reload', () => {
  it('takes a changed file, keeps the old one when the new is wrong, and says so', async () => {
    const upstream = await startScriptedUpstream(speaks(chat, false));
    const yaml = (names: readonly string[]): string =>
      gatewayYaml({
        providers: scriptedProviders(upstream.url),
        services: names.map((name) => ({ name, destinations: [{ provider: 'openai', model: 'm' }] })),
      });
    const gateway = await startGateway({ config: yaml(['one']) });
    const file = path.join(gateway.data, '..', 'gateway.yaml');
    const status = async (name: string): Promise<number> => {
      const { path: at, body } = chat.ask({ model: `main.test.${name}`, text: 'hi', stream: false });
      return (await call(gateway.url + at, { token: gateway.token, body })).status;
    };
    try {
      expect([await status('one'), await status('two')]).toEqual([200, 404]);
      await writeFile(file, yaml(['one', 'two']));
      await waitFor('the new service', async () => (await status('two')) === 200);
      const before = gateway.output().length;
      await writeFile(file, 'server:\n  prot: 1\n');
      await waitFor('the complaint', () => /prot/.test(gateway.output().slice(before)));
      expect([await status('one'), await status('two')]).toEqual([200, 200]);
      await writeFile(file, yaml(['two']));
      await waitFor('the service to go', async () => (await status('one')) === 404);
      expect(await status('two')).toBe(200);
    } finally {
      await gateway.stop();
      await upstream.close();
    }
  });
});

describe('stop', () => {
  const streamBody = (model: string): string => chat.ask({ model, text: 'hi', stream: true }).body;
  const { path: chatPath } = chat.ask({ model: 'x', text: '', stream: true });

  it('lets a running stream finish, refuses new requests, and exits with 0', async () => {
    const lab = await startScriptedGateway();
    let finish: (() => void) | undefined;
    lab.upstream.play(async (_received, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chat.events[0]);
      await new Promise<void>((resolve) => (finish = resolve));
      response.end(chat.events.slice(1).join(''));
    });
    const stream = await lab.open(chatPath, { body: streamBody(scriptedModel('custom')) });
    await stream.until(chat.events[0]!);
    const stopped = lab.gateway.stop();
    await waitFor('new requests to be refused', async () => {
      const refused = await lab.call('/ai-gateway/openai/v1/models').catch(() => undefined);
      return refused === undefined || refused.status === 503;
    });
    finish!();
    expect(await stream.finished()).toBe('end');
    expect(stream.text()).toBe(chat.events.join(''));
    expect(await stopped).toBe(0);
    await lab.upstream.close();
  });

  it('does not wait for a connection that an agent keeps after its last stream', async () => {
    const gateway = await startGateway({ config: gatewayYaml({ server: { shutdown_grace: '10m' } }) });
    const agent = new Agent({ keepAlive: true });
    const model = await firstModel(gateway);
    const body = chat.ask({ model, text: 'hi [demo: chunks:50:20]', stream: true }).body;
    const headers = { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' };
    const outgoing = request(gateway.url + chatPath, { method: 'POST', headers, agent }).end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.resume();
    expect(await gateway.stop()).toBe(0);
    expect(response.complete).toBe(true);
    agent.destroy();
  });

  it('does not wait for a connection that was opened ahead and never used', async () => {
    const gateway = await startGateway({ config: gatewayYaml({ server: { shutdown_grace: '10m' } }) });
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    expect(await gateway.stop()).toBe(0);
    socket.destroy();
  });

  it('ends streams that take longer than the grace with an error in the stream, and keeps their records', () =>
    withScratchDirectory(async (directory) => {
      const data = path.join(directory, 'data');
      const upstream = await startScriptedUpstream((_received, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chat.events[0]);
      });
      const config = gatewayYaml({
        server: { shutdown_grace: '500ms' },
        providers: scriptedProviders(upstream.url),
        services: [{ name: 'scripted', destinations: [{ provider: 'openai', model: 'm' }] }],
      });
      const gateway = await startGateway({ data, config });
      const token = gateway.output().match(tokenPattern)![0];
      const stream = await openStream(gateway.url + chatPath, { token, body: streamBody('main.test.scripted') });
      await stream.until(chat.events[0]!);
      expect(await gateway.stop()).toBe(0);
      await stream.finished();
      expect(stream.text()).toMatch(chat.streamError);
      expect(await readUsage(data)).toHaveLength(1);
      await upstream.close();
    }));

  it('by kill -9 loses no record of a finished request, and the next start goes on', () =>
    withScratchDirectory(async (directory) => {
      const data = path.join(directory, 'data');
      const first = await startGateway({ data });
      const token = first.output().match(tokenPattern)![0];
      const model = await firstModel({ url: first.url, token });
      const ask = (url: string): Promise<unknown> =>
        call(`${url}/ai-gateway/mlflow/v1/chat/completions`, {
          token,
          body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }] }),
        });
      await Promise.all(Array.from({ length: 25 }, () => ask(first.url)));
      await first.stop('SIGKILL');
      expect(await readUsage(data)).toHaveLength(25);
      const second = await startGateway({ data, token });
      await ask(second.url);
      await second.stop('SIGKILL');
      const records = await readUsage(data);
      expect(records).toHaveLength(26);
      expect(new Set(records.map((record) => record.invocation_id)).size).toBe(26);
    }));
});

describe('operations', () => {
  let gateway: Gateway;
  beforeAll(async () => void (gateway = await startGateway()));
  afterAll(() => gateway?.stop());

  it.each(['/healthz', '/readyz', '/metrics'])('%s needs no token', async (at) => {
    expect((await call(gateway.url + at)).status).toBe(200);
  });

  it('a wrong data directory or a taken port is one clear line, not a stack', async () => {
    const { port } = new URL(gateway.url);
    await withScratchDirectory(async (directory) => {
      const result = await ucodeGateway(['serve', '--port', port, '--data', path.join(directory, 'data')]);
      expect(result.code).toBe(1);
      expect(result.stderr).toContain(port);
      expect(result.stderr).not.toMatch(/\n\s+at /);
    });
    await withScratchDirectory(async (directory) => {
      const file = path.join(directory, 'a-file');
      await writeFile(file, '');
      const result = await ucodeGateway(['serve', '--port', '0', '--data', path.join(file, 'data')]);
      expect(result.code).toBe(1);
      expect(result.stderr).toContain('a-file');
      expect(result.stderr).not.toMatch(/\n\s+at /);
    });
  });

  it('writes no token anywhere but the one announcement, whatever header it came in', async () => {
    const { url, token } = gateway;
    const model = await firstModel(gateway);
    let lastServed = '';
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { 'x-api-key': token },
      { 'x-goog-api-key': token },
      { authorization: `Bearer ${token}x` },
    ]) {
      const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'private words' }] });
      const result = await call(`${url}/ai-gateway/mlflow/v1/chat/completions?key=${token}`, {
        headers: headers as Record<string, string>,
        body,
      });
      if (result.status === 200) lastServed = String(result.headers['x-request-id']);
      await call(`${url}/ai-gateway/nothing?token=${token}`, { headers: headers as Record<string, string> });
    }
    await waitFor('the log to tell the last of them', () => gateway.output().includes(lastServed));
    // Announced once, and possibly in the commands to try.
    const banner = gateway.output().slice(0, gateway.output().lastIndexOf(token) + token.length);
    expect(banner.length).toBeLessThan(4_000);
    for (const line of gateway
      .output()
      .split('\n')
      .filter((text) => text.startsWith('{')))
      expect(line).not.toContain(token);
    expect(gateway.output()).not.toContain('private words');
    const { text } = await call(`${url}/metrics`);
    expect(text).not.toContain(token);
    expect(JSON.stringify(await gateway.usage())).not.toContain(token);
  });
});

describe('provider errors', () => {
  it('reach the log without their bodies', async () => {
    const lab = await startScriptedGateway();
    try {
      lab.upstream.play(answers(400, '{"error":{"message":"the prompt said: private words"}}'));
      const { path: at, body } = chat.ask({ model: scriptedModel('custom'), text: 'private words', stream: false });
      await lab.call(at, { body });
      await lab.newUsage();
      expect(lab.gateway.output()).not.toContain('private words');
      expect(lab.gateway.output()).not.toContain('provider-key-of-the-test');
    } finally {
      await lab.stop();
    }
  });
});

async function filesUnder(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}
