import type { RestRoute } from '../rest-route.ts';
import type { Method, OpenApiDocument, Operation, PlacedOperation } from './document-types.ts';
import { endpointOperations } from './endpoint-operations.ts';
import { errorResponses, errorSchemas } from './error-shapes.ts';
import { inferenceOperations } from './inference-operations.ts';
import { oauthOperations } from './oauth-operations.ts';
import { routeOperation } from './route-operation.ts';
import { securitySchemes } from './security.ts';

/** What the tags of operations mean; a tag without a line here gets its own name. */
const tags: Readonly<Record<string, string>> = {
  aiGateway: 'Endpoints and prices, in the older API of the gateway.',
  budgets: 'Budgets and what was spent.',
  codingAgentConfigs: 'Managed configuration of coding agents.',
  discovery: 'What clients read first.',
  inference: 'Calls of models, in the APIs of their vendors.',
  invoices: 'Monthly statements of what was used, and what it cost.',
  modelProviderServices: 'Providers as they are registered.',
  modelServices: 'What callers name as a model.',
  models: 'Lists of models, in the shapes of the vendors.',
  oauth: 'The OAuth 2.0 and OpenID Connect server.',
  operations: 'For those who run the gateway, and for tools.',
  otel: 'OpenTelemetry in.',
  scim: 'Users, groups and service principals (RFC 7644).',
  servicePrincipalSecrets: 'Secrets that service principals sign in with.',
  servingEndpoints: 'Hosted foundation models.',
  sql: 'The SQL warehouse.',
  tokenManagement: 'Personal access tokens of everybody, for admins.',
  tokens: 'Personal access tokens of the caller.',
  unityCatalog: 'Catalogs, schemas, tables and what is granted on them.',
};

/**
 * The OpenAPI 3.1 document of the whole gateway, from the routes' own descriptions. The same routes give the same
 * document.
 * @throws Error where two operations have the same place or id.
 */
export function openApiDocument(routes: readonly RestRoute[]): OpenApiDocument {
  const operations: PlacedOperation[] = [
    ...routes.map(routeOperation),
    ...inferenceOperations,
    ...endpointOperations,
    ...oauthOperations,
  ];
  const used = [...new Set(operations.flatMap(({ operation }) => operation.tags))].toSorted();
  return {
    openapi: '3.1.0',
    info: {
      title: 'ucode-gateway',
      version: '1',
      description: 'One governed gateway between coding agents and model providers.',
    },
    servers: [{ url: '/', description: 'The gateway that serves this document.' }],
    tags: used.map((name) => ({ name, description: tags[name] ?? name })),
    paths: pathsOf(operations),
    components: { schemas: errorSchemas, responses: errorResponses, securitySchemes },
  };
}

function pathsOf(operations: readonly PlacedOperation[]): OpenApiDocument['paths'] {
  const paths: Record<string, Partial<Record<Method, Operation>>> = {};
  const ids = new Set<string>();
  for (const { method, path, operation } of operations.toSorted((left, right) => (left.path < right.path ? -1 : 1))) {
    const item = (paths[path] ??= {});
    if (item[method]) throw new Error(`Two operations for ${method} ${path}.`);
    if (ids.has(operation.operationId)) throw new Error(`Two operations are called ${operation.operationId}.`);
    ids.add(operation.operationId);
    item[method] = operation;
  }
  return paths;
}
