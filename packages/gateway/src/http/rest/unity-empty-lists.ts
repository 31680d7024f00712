import type { RestRoute } from '../rest-route.ts';
import { callerOf, neededParameter, unityBase } from './unity-requests.ts';

/** Kinds of objects that clients list and the gateway has none of (workspace-contract 9.1). */
export const unityEmptyListRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: `${unityBase}/functions`,
    handle(request, { catalog }) {
      const schema = [neededParameter(request, 'catalog_name'), neededParameter(request, 'schema_name')];
      catalog.schemaInfo(schema, callerOf(request));
      return { status: 200, body: { functions: [] } };
    },
  },
  {
    method: 'GET',
    path: `${unityBase}/connections`,
    handle() {
      return { status: 200, body: { connections: [] } };
    },
  },
];
