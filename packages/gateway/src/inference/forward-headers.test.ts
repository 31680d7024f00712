import { describe, expect, it } from 'vitest';
import { requestHeaders, responseHeaders, safeQuery } from './forward-headers.ts';

describe('requestHeaders', () => {
  const sent = requestHeaders(
    {
      authorization: 'Bearer ucg_caller',
      'x-api-key': 'ucg_caller',
      'x-goog-api-key': 'ucg_caller',
      'api-key': 'ucg_caller',
      cookie: 'a=b',
      'databricks-ai-gateway-request-tags': '{}',
      'x-databricks-use-coding-agent-mode': 'true',
      'anthropic-beta': 'one,two',
      'anthropic-version': '2023-06-01',
      'x-claude-code-session-id': 's',
      connection: 'keep-alive, x-hop',
      'x-hop': 'gone',
      'transfer-encoding': 'chunked',
      'accept-encoding': 'gzip',
      host: 'gateway',
    },
    { 'x-api-key': 'provider-key', 'anthropic-version': '2000-01-01' },
    12,
  );

  it('never forwards a credential of the caller', () => expect(JSON.stringify(sent)).not.toContain('ucg_caller'));
  it("sets the provider's credential", () => expect(sent['x-api-key']).toBe('provider-key'));
  it('forwards beta and version headers verbatim', () => {
    expect(sent['anthropic-beta']).toBe('one,two');
    expect(sent['anthropic-version']).toBe('2023-06-01');
  });
  it('drops hop-by-hop headers and those that connection names', () => {
    for (const name of ['connection', 'x-hop', 'transfer-encoding', 'host', 'cookie'])
      expect(sent).not.toHaveProperty(name);
  });
  it.each([
    'x-original-url',
    'x-rewrite-url',
    'x-http-method-override',
    'x-method-override',
    'x-forwarded-user',
    'x-forwarded-prefix',
    'x-auth-request-email',
    'x-remote-user',
    'x-envoy-original-path',
    'x-goog-user-project',
    'ocp-apim-subscription-key',
    'openai-organization',
    'x-amz-target',
    'proxy-authorization',
    'api-key',
  ])('never forwards %s, which speaks to the provider in the name of the gateway', (name) => {
    expect(requestHeaders({ [name]: 'forged' }, { 'x-api-key': 'provider-key' }, 1)).not.toHaveProperty(name);
  });
  it("never lets a caller take the place of the provider's credential, in any of its headers", () => {
    for (const name of ['authorization', 'x-api-key', 'x-goog-api-key', 'api-key']) {
      expect(requestHeaders({ [name]: 'forged' }, { [name]: 'ours' }, 1)[name]).toBe('ours');
      expect(requestHeaders({ [name]: 'forged', connection: name }, { [name]: 'ours' }, 1)[name]).toBe('ours');
    }
  });
  it('asks for plain bytes and states the length', () => {
    expect(sent['accept-encoding']).toBe('identity');
    expect(sent['content-length']).toBe('12');
  });
});

describe('responseHeaders', () => {
  it('keeps what the caller needs and drops what belongs to the connection', () => {
    const headers = responseHeaders({
      'content-type': 'application/json',
      'content-length': '2',
      'set-cookie': ['a'],
      connection: 'close',
      'retry-after': '3',
    });
    expect(headers).toEqual({ 'content-type': 'application/json', 'content-length': '2', 'retry-after': '3' });
  });
});

describe('safeQuery', () => {
  it.each([
    ['beta=true', 'beta=true'],
    ['key=SECRET&alt=sse', 'alt=sse'],
    ['alt=sse&access_token=x&KEY=y', 'alt=sse'],
    ['', ''],
    ['keyword=a', 'keyword=a'],
  ])('%s becomes %s', (query, expected) => expect(safeQuery(query)).toBe(expected));
});
