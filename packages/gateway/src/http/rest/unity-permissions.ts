import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Catalog, Grant, GrantChange } from '../../unity/catalog.ts';
import type { Caller } from '../../unity/caller.ts';
import { keyOf } from '../../unity/names.ts';
import { privileges, restPrivilege, type Privilege, type Securable } from '../../unity/securable.ts';
import { optionalText } from '../openapi/parameters.ts';
import type { RestRequest, RestRoute } from '../rest-route.ts';
import { bodyOf, callerOf, nameParts, unityBase } from './unity-requests.ts';

const ofObject = `${unityBase}/permissions/{securable_type}/{full_name}`;
const effective = `${unityBase}/effective-permissions/{securable_type}/{full_name}`;

const byRestName = new Map(privileges.map((privilege) => [restPrivilege(privilege), privilege]));

const privilegeList = z
  .array(
    z.string('must be a privilege').transform((text, context): Privilege => {
      const privilege = byRestName.get(text.toUpperCase().replaceAll(' ', '_'));
      if (privilege !== undefined) return privilege;
      context.addIssue(`must be one of ${[...byRestName.keys()].join(', ')}`);
      return z.NEVER;
    }),
    'must be a list of privileges',
  )
  .default([]);

const changesBody = z.object({
  changes: z.array(
    z.object({
      principal: z.string('must be the name of a user or group').min(1, 'must not be empty'),
      add: privilegeList,
      remove: privilegeList,
    }),
    'must be a list of changes, each with principal, add, remove',
  ),
});

/** `permissions` and `effective-permissions` (unity-ai-gateway 12.1, workspace-contract 6.3). */
export const unityPermissionRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: ofObject,
    describe: {
      id: 'getPermissions',
      summary: 'Shows what is granted on an object.',
      access: 'user',
      tag: 'unityCatalog',
      query: { principal: optionalText },
    },
    scopes: ['unity-catalog'],
    handle(request, { catalog }) {
      return { status: 200, body: direct(catalog, securableOf(request), callerOf(request), request) };
    },
  },
  {
    method: 'PATCH',
    path: ofObject,
    describe: {
      id: 'updatePermissions',
      summary: 'Grants and revokes privileges on an object, all or nothing.',
      access: 'user',
      tag: 'unityCatalog',
      body: changesBody,
    },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const securable = securableOf(request);
      const changes: GrantChange[] = bodyOf(changesBody, request).changes;
      const caller = callerOf(request);
      const before = direct(catalog, securable, caller, request);
      await catalog.changeGrants(securable, changes, caller);
      const body = direct(catalog, securable, caller, request);
      const { securable_type: type = '', full_name: name = '' } = request.params;
      request.noteChange({ target: `permissions/${type.toLowerCase()}/${name}`, before, after: body });
      return { status: 200, body };
    },
  },
  {
    method: 'GET',
    path: effective,
    describe: {
      id: 'getEffectivePermissions',
      summary: 'Shows what is granted on an object and on what it is in.',
      access: 'user',
      tag: 'unityCatalog',
      query: { principal: optionalText },
    },
    scopes: ['unity-catalog'],
    handle(request, { catalog }) {
      const securable = securableOf(request);
      const grants = forPrincipal(catalog.grants(securable, callerOf(request)), request);
      const assignments = byPrincipal(grants).map(([principal, held]) => ({
        principal,
        privileges: held.map((grant) => ({
          privilege: restPrivilege(grant.privilege),
          ...inheritedFrom(grant, securable),
        })),
      }));
      return { status: 200, body: { privilege_assignments: assignments } };
    },
  },
];

function direct(catalog: Catalog, securable: Securable, caller: Caller, request: RestRequest) {
  const own = catalog.grants(securable, caller).filter(({ on }) => on.kind === securable.kind);
  const assignments = byPrincipal(forPrincipal(own, request)).map(([principal, held]) => ({
    principal,
    privileges: held.map(({ privilege }) => restPrivilege(privilege)),
  }));
  return { privilege_assignments: assignments };
}

function inheritedFrom({ on }: Grant, securable: Securable) {
  return on.kind === securable.kind ? {} : { inherited_from_type: on.kind, inherited_from_name: keyOf(on.name) };
}

function forPrincipal(grants: readonly Grant[], { query }: RestRequest): readonly Grant[] {
  const wanted = (query.get('principal') ?? '').toLowerCase();
  return wanted === '' ? grants : grants.filter(({ principal }) => principal.toLowerCase() === wanted);
}

function byPrincipal(grants: readonly Grant[]): [string, Grant[]][] {
  const groups = new Map<string, Grant[]>();
  for (const grant of grants) groups.set(grant.principal, [...(groups.get(grant.principal) ?? []), grant]);
  return [...groups].toSorted(([left], [right]) => (left < right ? -1 : 1));
}

function securableOf({ params }: RestRequest): Securable {
  const name = params['full_name'];
  switch (params['securable_type']?.toLowerCase()) {
    case 'metastore':
      return { kind: 'METASTORE', name: [] };
    case 'catalog':
      return { kind: 'CATALOG', name: nameParts(name, 1, 'catalog') };
    case 'schema':
      return { kind: 'SCHEMA', name: nameParts(name, 2, 'schema') };
    case 'table':
      return { kind: 'TABLE', name: nameParts(name, 3, 'table') };
    case 'model_service':
      return { kind: 'MODEL_SERVICE', name: nameParts(name, 3, 'service') };
    case 'model_provider_service':
      return { kind: 'MODEL_PROVIDER_SERVICE', name: nameParts(name, 3, 'service') };
    default:
      throw new GatewayError(
        'caller_invalid_parameter',
        'The securable type must be metastore, catalog, schema, table, model_service or model_provider_service.',
        {
          param: 'securable_type',
        },
      );
  }
}
