import { oauthSchema } from '../../config/oauth-schema.ts';
import { readOAuth } from '../../config/oauth-settings.ts';
import { readLake, readSql } from '../../config/lake-settings.ts';
import { lakeSchema, sqlSchema } from '../../config/lake-schema.ts';
import { pricesSchema } from '../../config/prices-schema.ts';
import { readPrices } from '../../config/prices-settings.ts';
import type { GatewayConfig, ModelProviderService, ModelService } from '../../config/gateway-config.ts';
import { declaredRecord } from '../../config/service-record.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { RestAnswer, RestContext, RestRequest, RestRoute } from '../rest-route.ts';
import { RouteTable } from '../route-table.ts';

/** A secret that must never be seen in an answer. */
export const testingSecret = 'sk-never-show-this-anywhere';

/** A provider service with the secret in its options. */
export function providerService(name: string, given: Partial<ModelProviderService> = {}): ModelProviderService {
  return {
    ...declaredRecord(),
    name,
    comment: undefined,
    provider: 'openai',
    options: { api_key: testingSecret, base_url: `https://${testingSecret}.example` },
    targets: [],
    allowAllTargets: true,
    ...given,
  };
}

/** A model service with one destination: `model` at `providerService`. */
export function modelService(
  name: string,
  providerServiceName: string,
  model: string,
  given: Partial<ModelService> = {},
): ModelService {
  return {
    ...declaredRecord(),
    name,
    comment: undefined,
    tags: {},
    destinations: [{ name: 'primary', providerService: providerServiceName, model, trafficPercentage: 100 }],
    fallbacks: [],
    firstTokenTimeoutMs: undefined,
    inferenceTable: undefined,
    ...given,
  };
}

/** One provider of each dialect, a hosted model for each, and `main.team.fast` on two of them. */
export function testingConfig(given: Partial<GatewayConfig> = {}): GatewayConfig {
  return {
    lake: readLake(lakeSchema.parse({}), { directory: '/', dataDirectory: '/data' }),
    sql: readSql(sqlSchema.parse({})),
    state: { url: undefined, maxConnections: 10, staleLimitMs: 60_000 },
    prices: readPrices(pricesSchema.parse({})),
    budgets: [],
    notifications: { contact: undefined, smtp: undefined, webhooks: [] },
    encryption: { key: undefined, previousKeys: [] },
    limits: {
      redisUrl: undefined,
      whenUnavailable: 'closed',
      timeoutMs: 250,
      keyPrefix: 'ucode',
      outputEstimate: 1024,
      cacheReadWeight: 1,
    },
    identity: {
      sso: [],
      localUsers: true,
      oauth: readOAuth(oauthSchema.parse({}), { at: [], report: () => {} }),
    },
    groups: [],
    servicePrincipals: [],
    server: {
      host: '127.0.0.1',
      port: 8484,
      publicUrl: undefined,
      trustedProxies: [],
      dataDirectory: '/nowhere',
      shutdownGraceMs: 30_000,
      maxBodyBytes: 67_108_864,
      clientTimeoutMs: 30_000,
      firstByteTimeoutMs: 300_000,
      idleTimeoutMs: 300_000,
      keepaliveMs: 15_000,
      maxAttempts: 2,
      maxRetryAfterMs: 5000,
      allowedPrivateNetworks: [],
      spoolMaxBytes: 1_073_741_824,
      logLevel: 'silent',
      workspaceId: '1234567890',
    },
    users: [{ name: 'ada@example.com', groups: ['admins'], active: true }],
    providerServices: [
      providerService('system.ai.openai'),
      providerService('system.ai.anthropic', { provider: 'anthropic' }),
      providerService('system.ai.gemini', { provider: 'gemini' }),
      providerService('main.team.chat', {
        comment: 'Chat only',
        targets: [{ model: 'gpt-4o', nativeApiTypes: ['openai/v1/chat/completions'] }],
        allowAllTargets: false,
      }),
    ],
    modelServices: [
      modelService('system.ai.gpt-5-5', 'system.ai.openai', 'gpt-5.5'),
      modelService('system.ai.claude-opus-4-8', 'system.ai.anthropic', 'claude-opus-4-8', { comment: 'The big one' }),
      modelService('system.ai.gemini-3-5-flash', 'system.ai.gemini', 'gemini-3.5-flash'),
      modelService('main.team.fast', 'main.team.chat', 'gpt-4o', {
        destinations: [
          { name: 'chat', providerService: 'main.team.chat', model: 'gpt-4o', trafficPercentage: 60 },
          { name: 'claude', providerService: 'system.ai.anthropic', model: 'claude-opus-4-8', trafficPercentage: 40 },
        ],
        fallbacks: [{ name: 'spare', providerService: 'main.team.chat', model: 'gpt-4o', trafficPercentage: 0 }],
        firstTokenTimeoutMs: 2500,
      }),
    ],
    sources: [],
    ...given,
  };
}

/** A catalog in which everyone may do everything with services, and no schema is known. */
const openCatalog = {
  serviceRights: () => ({ mayExecute: () => true, maySee: () => true, mayManage: () => true }),
  schemaInfo: () => {
    throw new GatewayError('caller_schema_not_found', 'There is none.');
  },
};

/** Calls the route of `target` (path and query) as `ada@example.com`, an admin. */
export async function call(
  routes: readonly RestRoute[],
  target: string,
  given: { config?: GatewayConfig; request?: Partial<RestRequest>; context?: Partial<RestContext> } = {},
): Promise<RestAnswer> {
  const [path = '', query = ''] = target.split('?', 2);
  const method = given.request?.method ?? 'GET';
  const match = new RouteTable(routes).match(method, path);
  if (!match || !('route' in match)) throw new Error(`No route for ${path}`);
  const config = given.config ?? testingConfig();
  const context = {
    config: () => config,
    ...given.context,
    catalog: isPlain(given.context?.catalog) ? { ...openCatalog, ...given.context?.catalog } : given.context?.catalog,
  } as unknown as RestContext;
  const request: RestRequest = {
    method,
    params: match.params,
    body: {},
    query: new URLSearchParams(query),
    headers: {},
    principal: {
      id: '42',
      userName: 'ada@example.com',
      type: 'USER',
      groups: ['admins', 'team'],
      active: true,
      authMode: 'PAT',
      tokenId: 't1',
      scopes: new Set(['all-apis']),
    },
    origin: 'http://127.0.0.1:8484',
    requestId: 'r1',
    sourceIp: '127.0.0.1',
    noteChange: () => {},
    ...given.request,
  };
  return match.route.handle(request, context);
}

/** Whether it is not a real catalog, but parts of one. */
function isPlain(catalog: RestContext['catalog'] | undefined): boolean {
  return catalog === undefined || Object.getPrototypeOf(catalog) === Object.prototype;
}

/** The body of an answer, for tests that look into it. */
// oxlint-disable-next-line typescript/no-explicit-any
export async function bodyOf(answer: Promise<RestAnswer>): Promise<any> {
  const { body } = await answer;
  return body === undefined ? undefined : JSON.parse(JSON.stringify(body));
}
