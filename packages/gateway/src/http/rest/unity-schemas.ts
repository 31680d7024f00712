import { z } from 'zod';
import type { Securable } from '../../unity/securable.ts';
import type { RestRoute } from '../rest-route.ts';
import { forceQuery, maxResultsQuery, neededText } from '../openapi/parameters.ts';
import { schemaJson } from './unity-json.ts';
import {
  bodyOf,
  callerOf,
  changing,
  commentField,
  flag,
  nameField,
  nameParts,
  neededParameter,
  nextPage,
  ownerField,
  pageOf,
  unityBase,
} from './unity-requests.ts';

const collection = `${unityBase}/schemas`;
const newSchema = z.object({ name: nameField, catalog_name: nameField, comment: commentField });
const change = z.object({ owner: ownerField, comment: commentField });

/** `schemas` of Unity Catalog. */
export const unitySchemaRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: collection,
    describe: {
      id: 'listSchemas',
      summary: 'Lists the schemas of a catalog that the caller may see.',
      access: 'user',
      tag: 'unityCatalog',
      query: { catalog_name: neededText, ...maxResultsQuery },
    },
    scopes: ['unity-catalog'],
    handle(request, { catalog }) {
      const within = neededParameter(request, 'catalog_name');
      const page = pageOf(catalog.schemas(within, callerOf(request)), request, `schemas ${within}`);
      return { status: 200, body: { schemas: page.items.map(schemaJson), ...nextPage(page) } };
    },
  },
  {
    method: 'POST',
    path: collection,
    describe: { id: 'createSchema', summary: 'Makes a schema.', access: 'user', tag: 'unityCatalog', body: newSchema },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const { name, catalog_name: within, comment } = bodyOf(newSchema, request);
      const schema = await changing(request, catalog, { kind: 'SCHEMA', name: [within, name] }, (caller) =>
        catalog.createSchema({ name: [within, name], comment }, caller),
      );
      return { status: 200, body: schemaJson(schema) };
    },
  },
  {
    method: 'GET',
    path: `${collection}/{full_name}`,
    describe: { id: 'getSchema', summary: 'Shows a schema.', access: 'user', tag: 'unityCatalog' },
    scopes: ['unity-catalog'],
    handle(request, { catalog }) {
      const name = nameParts(request.params['full_name'], 2, 'schema');
      return { status: 200, body: schemaJson(catalog.schemaInfo(name, callerOf(request))) };
    },
  },
  {
    method: 'PATCH',
    path: `${collection}/{full_name}`,
    describe: {
      id: 'updateSchema',
      summary: 'Changes owner or comment of a schema.',
      access: 'user',
      tag: 'unityCatalog',
      body: change,
    },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const name = nameParts(request.params['full_name'], 2, 'schema');
      const securable: Securable = { kind: 'SCHEMA', name };
      const update = bodyOf(change, request);
      await changing(request, catalog, securable, (caller) => catalog.update(securable, update, caller));
      return { status: 200, body: schemaJson(catalog.schemaInfo(name, callerOf(request))) };
    },
  },
  {
    method: 'DELETE',
    path: `${collection}/{full_name}`,
    describe: {
      id: 'deleteSchema',
      summary: 'Drops a schema.',
      access: 'user',
      tag: 'unityCatalog',
      query: forceQuery,
    },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const name = nameParts(request.params['full_name'], 2, 'schema');
      const securable: Securable = { kind: 'SCHEMA', name };
      const options = { cascade: flag(request, 'force') };
      await changing(request, catalog, securable, (caller) => catalog.drop(securable, caller, options));
      return { status: 200, body: {} };
    },
  },
];
