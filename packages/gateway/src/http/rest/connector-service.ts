import type { RestRoute } from '../rest-route.ts';

/** What SQL drivers ask beside their queries (workspace-contract 8.2): no feature is on, and nothing is gathered. */
export const connectorServiceRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/api/2.0/connector-service/feature-flags/{language}/{version}',
    describe: {
      id: 'getFeatureFlags',
      summary: 'Tells SQL drivers which of their features are on: none.',
      access: 'user',
      tag: 'sql',
    },
    scopes: ['sql'],
    handle: () => ({ status: 200, body: { flags: [], ttl_seconds: 900 } }),
  },
  {
    method: 'POST',
    path: '/telemetry-ext',
    describe: {
      id: 'sendDriverTelemetry',
      summary: 'Takes the telemetry of SQL drivers and throws it away.',
      access: 'user',
      tag: 'sql',
      reads: true,
    },
    scopes: ['sql'],
    handle: () => ({ status: 200, body: {} }),
  },
];
