import type { RestRoute } from '../rest-route.ts';
import { aiGatewayV2Routes } from './ai-gateway-v2.ts';
import { modelProviderServiceRoutes } from './model-provider-services.ts';
import { modelServiceRoutes } from './model-services.ts';
import { scimMeRoutes } from './scim-me.ts';
import { servingEndpointRoutes } from './serving-endpoints.ts';
import { wellKnownRoutes } from './well-known.ts';

/** The control plane, one line per API family. */
export const restRoutes: readonly RestRoute[] = [
  ...wellKnownRoutes,
  ...scimMeRoutes,
  ...modelServiceRoutes,
  ...modelProviderServiceRoutes,
  ...aiGatewayV2Routes,
  ...servingEndpointRoutes,
];
