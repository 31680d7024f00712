import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemoServer } from '../../packages/gateway/src/providers/demo/server.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { eachDialect } from './support/dialect-cases.ts';
import { gatewayYaml } from './support/gateway-config.ts';
import { call } from './support/http-call.ts';

// The same request gets the same bytes from the demo, so its answers can be compared with and without the gateway.
let demo: Awaited<ReturnType<typeof startDemoServer>>;
let gateway: Gateway;
beforeAll(async () => {
  demo = await startDemoServer();
  gateway = await startGateway({
    config: gatewayYaml({
      providers: [{ name: 'demo', block: 'demo', options: { base_url: demo.baseUrl } }],
      services: [{ name: 'demo', destinations: [{ provider: 'demo', model: 'demo-model' }] }],
    }),
  });
});
afterAll(async () => {
  await gateway?.stop();
  await demo?.close();
});

const directPath: Readonly<Record<string, (stream: boolean) => string>> = {
  'openai-chat': () => '/v1/chat/completions',
  'openai-responses': () => '/v1/responses',
  'anthropic-messages': () => '/v1/messages?beta=true',
  gemini: (stream) => `/v1beta/models/demo-model:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
};
const scenarios = [
  'pings',
  'chunks:300',
  'huge:1000000',
  'byte-by-byte',
  'malformed',
  'sse-error',
  'gzip',
  'error-in-200',
  'error:418',
  'call:none',
  'text:Grüße 你好 😀',
  'no-usage',
];

describe.each(eachDialect)('%s: bytes through the gateway are those of the demo itself', (name, dialect) => {
  it.each(scenarios)('%s', async (scenario) => {
    for (const stream of [false, true]) {
      const text = `hi [demo: ${scenario}]`;
      const throughGateway = dialect.ask({ model: 'main.test.demo', text, stream });
      const direct = dialect.ask({ model: 'demo-model', text, stream });
      const wanted = await call(demo.baseUrl + directPath[name]!(stream), { body: direct.body });
      const got = await call(gateway.url + throughGateway.path, { body: throughGateway.body, token: gateway.token });
      expect(got.status).toBe(wanted.status);
      expect(got.headers['content-type']).toBe(wanted.headers['content-type']);
      expect(got.bytes.equals(wanted.bytes), `${got.text.slice(-400)}\n--- wanted\n${wanted.text.slice(-400)}`).toBe(
        true,
      );
    }
  });
});
