import { GatewayError } from '../../errors/gateway-error.ts';
import { servicePrincipals, users } from '../../identity/scim/account-kinds.ts';
import type { ScimAttribute, ScimSchema } from '../../identity/scim/attributes.ts';
import { groups } from '../../identity/scim/group-kind.ts';
import type { RestRoute } from '../rest-route.ts';
import { scimAnswer } from './scim-answers.ts';
import { scimBases } from './scim-resources.ts';

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';
const kinds = [users, groups, servicePrincipals].map(({ endpoint, schema }) => ({ endpoint, schema }));

/** What this SCIM service can do (RFC 7644 4, RFC 7643 5 to 7). */
export const scimDiscoveryRoutes: readonly RestRoute[] = scimBases.flatMap(({ base, word }) => {
  const route = (path: string, id: string, summary: string, handle: RestRoute['handle']): RestRoute => ({
    method: 'GET',
    path: `${base}/${path}`,
    errorShape: 'scim',
    describe: { id: id.replace('Scim', `${word}Scim`), summary, access: 'user', tag: 'scim' },
    handle,
  });
  const schemas = kinds.map(({ schema }) => schemaResource(schema, base));
  const types = kinds.map(({ endpoint, schema }) => typeResource(endpoint, schema, base));
  return [
    route('ServiceProviderConfig', 'getScimServiceProviderConfig', 'Says what the SCIM service can do.', () =>
      scimAnswer(200, serviceProviderConfig(base)),
    ),
    route('Schemas', 'listScimSchemas', 'Lists the schemas of SCIM resources.', () => scimAnswer(200, list(schemas))),
    route('Schemas/{id}', 'getScimSchema', 'Shows one schema.', ({ params }) =>
      scimAnswer(200, oneOf(schemas, params['id'])),
    ),
    route('ResourceTypes', 'listScimResourceTypes', 'Lists the kinds of SCIM resources.', () =>
      scimAnswer(200, list(types)),
    ),
    route('ResourceTypes/{id}', 'getScimResourceType', 'Shows one kind of resource.', ({ params }) =>
      scimAnswer(200, oneOf(types, params['id'])),
    ),
  ];
});

function serviceProviderConfig(base: string) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: 1_000 },
    changePassword: { supported: true },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A personal access token or an OAuth access token of a member of admins.',
        primary: true,
      },
    ],
    meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
  };
}

function schemaResource({ urn, name, description, attributes }: ScimSchema, base: string) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id: urn,
    name,
    description,
    attributes: attributes.filter((attribute) => attribute.name !== 'id' && attribute.name !== 'meta').map(definition),
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${urn}` },
  };
}

function definition(attribute: ScimAttribute): object {
  return {
    name: attribute.name,
    type: attribute.type,
    multiValued: attribute.multiValued ?? false,
    description: attribute.description,
    required: attribute.required ?? false,
    caseExact: attribute.caseExact ?? false,
    mutability: attribute.mutability ?? 'readWrite',
    returned: attribute.mutability === 'writeOnly' ? 'never' : 'default',
    uniqueness: attribute.unique === true ? 'server' : 'none',
    ...(attribute.sub === undefined ? {} : { subAttributes: attribute.sub.map(definition) }),
  };
}

function typeResource(endpoint: string, { urn, name, description }: ScimSchema, base: string) {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: name,
    name,
    endpoint: `/${endpoint}`,
    description,
    schema: urn,
    schemaExtensions: [],
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${name}` },
  };
}

function list(resources: readonly object[]) {
  const count = resources.length;
  return { schemas: [LIST], totalResults: count, startIndex: 1, itemsPerPage: count, Resources: resources };
}

function oneOf<T extends { readonly id: string }>(resources: readonly T[], id: string | undefined): T {
  const found = resources.find((resource) => resource.id === id);
  if (found === undefined) throw new GatewayError('caller_not_found', 'There is nothing of that name.');
  return found;
}
