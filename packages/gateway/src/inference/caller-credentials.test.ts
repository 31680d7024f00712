import { describe, expect, it } from 'vitest';
import { providers } from '../providers/index.ts';
import { callerCredentials } from './caller-credentials.ts';
import { requestHeaders } from './forward-headers.ts';

const names = ['authorization', 'x-api-key'];
const gateway = 'Bearer gateway-token';
const anthropic = 'Bearer sk-ant-oat01-callers-own';

describe('credentials of callers', () => {
  it('are passed on where the identity came another way', () => {
    const headers = { 'x-databricks-ai-gateway-token': gateway, authorization: anthropic, 'anthropic-beta': 'oauth' };
    const passedOn = callerCredentials(headers, names);
    expect(passedOn).toEqual({ authorization: anthropic });
    const sent = requestHeaders(headers, { 'anthropic-version': '2023-06-01', ...passedOn }, 2);
    expect(sent).toMatchObject({ authorization: anthropic, 'anthropic-beta': 'oauth' });
    expect(JSON.stringify(sent)).not.toContain('gateway-token');
  });

  it('are never the token of the gateway', () => {
    expect(() => callerCredentials({ authorization: gateway }, names)).toThrow(/X-Databricks-AI-Gateway-Token/);
    for (const authorization of [gateway, 'bearer  gateway-token', 'gateway-token', 'Bearer ucg_0123', 'ucg_0123']) {
      const headers = { 'x-databricks-ai-gateway-token': gateway, authorization };
      expect(() => callerCredentials(headers, names)).toThrow(/token of this gateway/);
    }
    const headers = {
      'x-databricks-ai-gateway-token': gateway,
      authorization: anthropic,
      'x-api-key': 'gateway-token',
    };
    expect(() => callerCredentials(headers, names)).toThrow(/token of this gateway/);
  });

  it('are needed', () => {
    expect(() => callerCredentials({ 'x-databricks-ai-gateway-token': gateway }, names)).toThrow(
      expect.objectContaining({ code: 'caller_unauthenticated' }),
    );
  });

  it.each(providers.filter((provider) => !provider.callerCredentials).map((provider) => [provider.id, provider]))(
    'never reach %s, which has one of ours',
    (_id, provider) => {
      const headers = { 'x-databricks-ai-gateway-token': gateway, authorization: anthropic, 'x-api-key': 'callers' };
      const passedOn = callerCredentials(headers, provider.callerCredentials ?? []);
      const sent = requestHeaders(headers, { 'x-api-key': 'stored', ...passedOn }, 2);
      expect(sent).toMatchObject({ 'x-api-key': 'stored' });
      expect(JSON.stringify(sent)).not.toMatch(/callers|gateway-token/);
    },
  );
});
