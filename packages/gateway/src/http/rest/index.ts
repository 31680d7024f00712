import type { RestRoute } from '../rest-route.ts';
import { aiGatewayV2Routes } from './ai-gateway-v2.ts';
import { connectorServiceRoutes } from './connector-service.ts';
import { modelProviderServiceRoutes } from './model-provider-services.ts';
import { modelServiceRoutes } from './model-services.ts';
import { otelTableRoutes } from './otel-tables.ts';
import { scimMeRoutes } from './scim-me.ts';
import { servingEndpointRoutes } from './serving-endpoints.ts';
import { sqlStatementRoutes } from './sql-statements.ts';
import { sqlWarehouseRoutes } from './sql-warehouses.ts';
import { unityCatalogRoutes } from './unity-catalogs.ts';
import { unityEmptyListRoutes } from './unity-empty-lists.ts';
import { unityPermissionRoutes } from './unity-permissions.ts';
import { unitySchemaRoutes } from './unity-schemas.ts';
import { unityTableRoutes } from './unity-tables.ts';
import { wellKnownRoutes } from './well-known.ts';

/** The control plane, one line per API family. */
export const restRoutes: readonly RestRoute[] = [
  ...wellKnownRoutes,
  ...scimMeRoutes,
  ...otelTableRoutes,
  ...modelServiceRoutes,
  ...modelProviderServiceRoutes,
  ...aiGatewayV2Routes,
  ...servingEndpointRoutes,
  ...unityCatalogRoutes,
  ...unitySchemaRoutes,
  ...unityTableRoutes,
  ...unityPermissionRoutes,
  ...unityEmptyListRoutes,
  ...sqlStatementRoutes,
  ...sqlWarehouseRoutes,
  ...connectorServiceRoutes,
];
