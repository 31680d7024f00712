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
