import { openApiRoutes } from '../openapi/routes.ts';
import type { RestRoute } from '../rest-route.ts';
import { agentConfigRoutes } from './agent-configs.ts';
import { aiGatewayV2Routes } from './ai-gateway-v2.ts';
import { budgetRoutes } from './budgets.ts';
import { connectorServiceRoutes } from './connector-service.ts';
import { invoiceRoutes } from './invoices.ts';
import { modelProviderServiceRoutes } from './model-provider-services.ts';
import { modelServiceRoutes } from './model-services.ts';
import { otelTableRoutes } from './otel-tables.ts';
import { scimDiscoveryRoutes } from './scim-discovery.ts';
import { scimMeRoutes } from './scim-me.ts';
import { scimResourceRoutes } from './scim-resources.ts';
import { servicePrincipalSecretRoutes } from './service-principal-secrets.ts';
import { servingEndpointRoutes } from './serving-endpoints.ts';
import { spendRoutes } from './spend.ts';
import { sqlStatementRoutes } from './sql-statements.ts';
import { sqlWarehouseRoutes } from './sql-warehouses.ts';
import { tokenRoutes } from './tokens.ts';
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
  ...scimResourceRoutes,
  ...scimDiscoveryRoutes,
  ...tokenRoutes,
  ...servicePrincipalSecretRoutes,
  ...otelTableRoutes,
  ...modelServiceRoutes,
  ...modelProviderServiceRoutes,
  ...aiGatewayV2Routes,
  ...budgetRoutes,
  ...spendRoutes,
  ...agentConfigRoutes,
  ...invoiceRoutes,
  ...servingEndpointRoutes,
  ...unityCatalogRoutes,
  ...unitySchemaRoutes,
  ...unityTableRoutes,
  ...unityPermissionRoutes,
  ...unityEmptyListRoutes,
  ...sqlStatementRoutes,
  ...sqlWarehouseRoutes,
  ...connectorServiceRoutes,
  ...openApiRoutes(() => restRoutes),
];
