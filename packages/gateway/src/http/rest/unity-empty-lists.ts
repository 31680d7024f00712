import type { RestRoute } from '../rest-route.ts';
import { schemaQuery } from '../openapi/parameters.ts';
import { callerOf, neededParameter, unityBase } from './unity-requests.ts';

/** Kinds of objects that clients list and the gateway has none of (workspace-contract 9.1). */
export const unityEmptyListRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: `${unityBase}/functions`,
    describe: {
      id: 'listFunctions',
      summary: 'Lists functions; there are none.',
      access: 'user',
      tag: 'unityCatalog',
      query: schemaQuery,
    },
    scopes: ['unity-catalog'],
    handle(request, { catalog }) {
      const schema = [neededParameter(request, 'catalog_name'), neededParameter(request, 'schema_name')];
      catalog.schemaInfo(schema, callerOf(request));
      return { status: 200, body: { functions: [] } };
    },
  },
  {
    method: 'GET',
    path: `${unityBase}/connections`,
    describe: {
      id: 'listConnections',
      summary: 'Lists connections; there are none.',
      access: 'user',
      tag: 'unityCatalog',
    },
    scopes: ['unity-catalog'],
    handle() {
      return { status: 200, body: { connections: [] } };
    },
  },
];
