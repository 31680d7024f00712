import type { RestRoute } from '../rest-route.ts';

/** What SQL drivers ask beside their queries (workspace-contract 8.2): no feature is on, and nothing is gathered. */
export const connectorServiceRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/2.0/connector-service/feature-flags/{language}/{version}',
    handle: () => ({ status: 200, body: { flags: [], ttl_seconds: 900 } }),
  },
  { method: 'POST', path: '/telemetry-ext', handle: () => ({ status: 200, body: {} }) },
];
