import { GatewayError } from '../../errors/gateway-error.ts';
import type { RestRequest, RestRoute } from '../rest-route.ts';
import { notFound } from './resource-names.ts';

/** Id of the one warehouse. */
export const WAREHOUSE_ID = 'default';

const base = '/api/2.0/sql/warehouses';

/** The SQL warehouse: always one, always running (workspace-contract 8.1). */
export const sqlWarehouseRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: base,
    describe: { id: 'listWarehouses', summary: 'Lists the SQL warehouses: always one.', access: 'user', tag: 'sql' },
    scopes: ['sql'],
    handle: (request) => ({ status: 200, body: { warehouses: [warehouseJson(request)] } }),
  },
  {
    method: 'GET',
    path: `${base}/{id}`,
    describe: { id: 'getWarehouse', summary: 'Shows the SQL warehouse.', access: 'user', tag: 'sql' },
    scopes: ['sql'],
    handle(request) {
      requireWarehouse(request.params['id'] ?? '');
      return { status: 200, body: warehouseJson(request) };
    },
  },
  ...['start', 'stop'].map((verb): RestRoute => ({
    method: 'POST',
    path: `${base}/{id}/${verb}`,
    describe: {
      id: `${verb}Warehouse`,
      summary: `Does nothing: the warehouse is always running. For clients that ${verb} it.`,
      access: 'user',
      tag: 'sql',
      reads: true,
    },
    scopes: ['sql'],
    handle({ params }) {
      requireWarehouse(params['id'] ?? '');
      return { status: 200, body: {} };
    },
  })),
];

/** @throws GatewayError `caller_not_found` for an id that is not the warehouse's. */
export function requireWarehouse(id: string): void {
  if (id !== WAREHOUSE_ID) throw notFound('SQL warehouse', id);
}

function warehouseJson({ origin, principal }: RestRequest) {
  if (!principal) throw new GatewayError('caller_unauthenticated', 'A token is required.');
  const { hostname, port, protocol } = new URL(origin);
  const secure = protocol === 'https:';
  const path = `/sql/1.0/warehouses/${WAREHOUSE_ID}`;
  const portNumber = Number(port) || (secure ? 443 : 80);
  return {
    id: WAREHOUSE_ID,
    name: 'ucode',
    state: 'RUNNING',
    size: 'XXSMALL',
    cluster_size: '2X-Small',
    min_num_clusters: 1,
    max_num_clusters: 1,
    num_clusters: 1,
    num_active_sessions: 0,
    auto_stop_mins: 0,
    auto_resume: true,
    enable_photon: false,
    enable_serverless_compute: false,
    warehouse_type: 'PRO',
    spot_instance_policy: 'COST_OPTIMIZED',
    channel: { name: 'CHANNEL_NAME_CURRENT' },
    health: { status: 'HEALTHY' },
    tags: {},
    jdbc_url: `jdbc:databricks://${hostname}:${portNumber}/default;transportMode=http;ssl=${secure ? 1 : 0};AuthMech=3;httpPath=${path};`,
    odbc_params: { hostname, path, protocol: protocol.slice(0, -1), port: portNumber },
  };
}
