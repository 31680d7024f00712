import { describe, expect, it } from 'vitest';
import type { DialectId, Operation } from '../dialects/dialect.ts';
import { providerByBlock, providerById, providers } from './index.ts';
import type { Provider, ProviderCall, ProviderId } from './provider.ts';

const SECRET = 'sk-secret-0123456789';

/** Options as a user writes them, and the header that must carry the credential. */
const SAMPLES: Record<ProviderId, { options: object; credential: Record<string, string> }> = {
  openai: { options: { api_key: SECRET }, credential: { authorization: `Bearer ${SECRET}` } },
  'azure-openai': {
    options: { api_key: SECRET, base_url: 'https://res.openai.azure.com/' },
    credential: { 'api-key': SECRET },
  },
  anthropic: { options: { api_key: SECRET }, credential: { 'x-api-key': SECRET } },
  'anthropic-relayed': { options: { plan_type: 'ANTHROPIC_RELAYED_PLAN_TYPE_MAX' }, credential: {} },
  gemini: { options: { api_key: SECRET }, credential: { 'x-goog-api-key': SECRET } },
  databricks: {
    options: { host: 'ws.cloud.databricks.com', token: SECRET },
    credential: { authorization: `Bearer ${SECRET}` },
  },
  'openai-compatible': {
    options: { api_key: SECRET, base_url: 'http://10.0.0.1:8000/v1/', responses: true },
    credential: { authorization: `Bearer ${SECRET}` },
  },
  'anthropic-compatible': {
    options: { api_key: SECRET, base_url: 'https://host/anthropic/' },
    credential: { 'x-api-key': SECRET },
  },
  demo: { options: { base_url: 'http://127.0.0.1:9/' }, credential: {} },
};

function call(fields: Partial<ProviderCall> = {}): ProviderCall {
  return { dialect: 'openai-chat', operation: 'generate', model: 'm', stream: false, query: '', ...fields };
}

function calls(provider: Provider<any>): [DialectId, Operation][] {
  const dialects = Object.entries(provider.dialects) as [DialectId, readonly Operation[]][];
  return dialects.flatMap(([dialect, operations]) => operations.map((one): [DialectId, Operation] => [dialect, one]));
}

function address(id: ProviderId, fields: Partial<ProviderCall>, options: object = SAMPLES[id].options): string {
  const provider = providerById(id);
  return provider.target(call(fields), provider.options.parse(options)).url.href;
}

describe('the registry', () => {
  it('finds every provider by id and by block', () => {
    expect(providers).toHaveLength(Object.keys(SAMPLES).length);
    for (const provider of providers) {
      expect(providerById(provider.id)).toBe(provider);
      expect(providerByBlock(provider.block, provider.mode)).toBe(provider);
    }
    expect(providerByBlock('openai_compatible').id).toBe('openai-compatible');
  });

  it('refuses unknown names, those of Object.prototype included', () => {
    expect(() => providerByBlock('nope')).toThrow(RangeError);
    expect(() => providerByBlock('constructor')).toThrow(RangeError);
    expect(() => providerByBlock('openai', 'relayed')).toThrow(RangeError);
  });

  it('names default models with dashes only', () => {
    for (const { service } of providers.flatMap((provider) => provider.defaultModels ?? [])) {
      expect(service).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    }
  });
});

describe.each(providers.map((provider) => [provider.id, provider] as const))('%s', (id, provider) => {
  const options: unknown = provider.options.parse(SAMPLES[id].options);

  it.each(calls(provider))('has a target for %s %s', (dialect, operation) => {
    const query = 'beta=true&key=leak&alt=sse&api_key=leak&x=%20a';
    const { url, headers } = provider.target(call({ dialect, operation, query, stream: true }), options);
    expect(headers).toMatchObject(SAMPLES[id].credential);
    expect(url.search).toBe('?beta=true&alt=sse&x=%20a');
    expect(url.pathname).not.toContain('//');
    expect(url.href).not.toContain('leak');
    expect(url.href).not.toContain(SECRET);
    for (const name of Object.keys(headers)) expect(name).toBe(name.toLowerCase());
  });

  it('refuses options it does not know', () => {
    expect(provider.options.safeParse({ ...SAMPLES[id].options, api_kee: 'x' }).success).toBe(false);
  });

  it('never repeats a secret in the message of a failed parse', () => {
    const wrong = Object.fromEntries(Object.keys(SAMPLES[id].options).map((key) => [key, `${SECRET}\r\nx: y`]));
    const parsed = provider.options.safeParse(wrong);
    expect(parsed.success).toBe(false);
    expect(String(parsed.error)).not.toContain(SECRET);
  });

  it('has a credential of its own or passes the callers on, never both', () => {
    const { headers } = provider.target(call({ dialect: calls(provider)[0]![0] }), options);
    const passed = provider.callerCredentials ?? [];
    expect(passed.filter((name) => Object.hasOwn(headers, name))).toEqual([]);
    if (passed.length > 0) expect(JSON.stringify([headers, options])).not.toContain(SECRET);
    expect(passed.length > 0).toBe(provider.mode === 'relayed');
  });

  it('gives its parsed options back unchanged when they are parsed again', () => {
    expect(provider.options.parse(options)).toEqual(options);
  });
});

describe('addresses', () => {
  it('are the vendors own', () => {
    expect(address('openai', {})).toBe('https://api.openai.com/v1/chat/completions');
    expect(address('openai', { operation: 'embeddings' })).toBe('https://api.openai.com/v1/embeddings');
    expect(address('openai', { dialect: 'openai-responses' })).toBe('https://api.openai.com/v1/responses');
    expect(address('azure-openai', {})).toBe('https://res.openai.azure.com/openai/v1/chat/completions');
    expect(address('anthropic', { dialect: 'anthropic-messages', operation: 'count-tokens', query: 'beta=true' })).toBe(
      'https://api.anthropic.com/v1/messages/count_tokens?beta=true',
    );
    expect(address('openai-compatible', {})).toBe('http://10.0.0.1:8000/v1/chat/completions');
    expect(address('anthropic-compatible', { dialect: 'anthropic-messages' })).toBe(
      'https://host/anthropic/v1/messages',
    );
    expect(address('demo', { dialect: 'gemini', operation: 'count-tokens' })).toBe(
      'http://127.0.0.1:9/v1beta/models/m:countTokens',
    );
  });

  it('are the vendor paths of a Databricks workspace', () => {
    const base = 'https://ws.cloud.databricks.com/ai-gateway';
    expect(address('databricks', {})).toBe(`${base}/mlflow/v1/chat/completions`);
    expect(address('databricks', { operation: 'embeddings' })).toBe(`${base}/mlflow/v1/embeddings`);
    expect(address('databricks', { dialect: 'openai-responses' })).toBe(`${base}/openai/v1/responses`);
    expect(address('databricks', { dialect: 'anthropic-messages' })).toBe(`${base}/anthropic/v1/messages`);
    expect(address('databricks', { dialect: 'gemini' })).toBe(`${base}/gemini/v1beta/models/m:generateContent`);
  });

  it('do not repeat a version the base ends with', () => {
    const messages = { dialect: 'anthropic-messages' } as const;
    expect(address('anthropic', messages, { api_key: 'k', base_url: 'https://h/v1' })).toBe('https://h/v1/messages');
    expect(address('gemini', { dialect: 'gemini' }, { api_key: 'k', base_url: 'https://h/v1beta/' })).toBe(
      'https://h/v1beta/models/m:generateContent',
    );
    expect(address('azure-openai', {}, { api_key: 'k', base_url: 'https://h/openai/v1' })).toBe(
      'https://h/openai/v1/chat/completions',
    );
  });

  it('keep a gemini model inside its path segment', () => {
    const url = address('gemini', { dialect: 'gemini', model: 'models/../../x?key=1#y' });
    expect(url).toBe(
      'https://generativelanguage.googleapis.com/v1beta/models/..%2F..%2Fx%3Fkey%3D1%23y:generateContent',
    );
  });

  it('ask gemini for SSE unless the caller says otherwise', () => {
    const stream = { dialect: 'gemini', stream: true } as const;
    expect(address('gemini', stream)).toMatch(/m:streamGenerateContent\?alt=sse$/);
    expect(address('gemini', { ...stream, query: 'key=x&alt=json' })).toMatch(/\?alt=json$/);
  });
});

describe('options', () => {
  it('take a secret as a string or as plaintext', () => {
    expect(providerById('openai').options.parse({ api_key: { plaintext: 'k' } }).api_key).toBe('k');
    expect(providerById('openai').options.safeParse({ api_key: '' }).success).toBe(false);
  });

  it.each(['ftp://h', 'https://user:pw@h', 'https://h?key=1', 'h', ''])('refuse the address %s', (base_url) => {
    expect(providerById('openai').options.safeParse({ api_key: 'k', base_url }).success).toBe(false);
  });

  it('send an organization, and no credential where there is none', () => {
    const { openai, compatible } = { openai: providerById('openai'), compatible: providerById('openai-compatible') };
    const withOrganization = openai.options.parse({ api_key: 'k', organization: 'org-1' });
    expect(openai.target(call(), withOrganization).headers).toMatchObject({ 'openai-organization': 'org-1' });
    const bare = compatible.options.parse({ base_url: 'http://h/v1' });
    expect(compatible.target(call(), bare).headers).toEqual({});
  });

  it('decide whether a compatible server has the Responses API', () => {
    const provider = providerById('openai-compatible');
    const without = provider.options.parse({ base_url: 'http://h/v1' });
    expect(provider.dialectsOf?.(without)).not.toHaveProperty('openai-responses');
    expect(() => provider.target(call({ dialect: 'openai-responses' }), without)).toThrow();
    expect(provider.dialectsOf?.(provider.options.parse(SAMPLES['openai-compatible'].options))).toHaveProperty(
      'openai-responses',
    );
  });

  it('choose the header of an anthropic-compatible server', () => {
    const provider = providerById('anthropic-compatible');
    const options = provider.options.parse({ base_url: 'http://h', api_key: 'k', auth: 'bearer' });
    const { headers } = provider.target(call({ dialect: 'anthropic-messages' }), options);
    expect(headers).toEqual({ authorization: 'Bearer k', 'anthropic-version': '2023-06-01' });
  });
});

describe('the environment', () => {
  it.each([
    ['openai', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'],
    ['anthropic', 'ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL'],
    ['gemini', 'GEMINI_API_KEY', 'GOOGLE_GEMINI_BASE_URL'],
  ] as const)('registers %s by %s and %s', (id, key, base) => {
    const provider = providerById(id);
    expect(provider.environmentKey).toBe(key);
    expect(provider.fromEnvironment?.('k', { [base]: 'http://127.0.0.1:1/v1' })).toMatchObject({
      api_key: 'k',
      base_url: 'http://127.0.0.1:1/v1',
    });
    expect(provider.fromEnvironment?.('k', { [base]: '' })).toMatchObject({
      base_url: expect.stringMatching(/^https:/),
    });
    expect(provider.defaultModels?.length).toBeGreaterThan(0);
  });
});
