import { z } from 'zod';
import type { Securable } from '../../unity/securable.ts';
import type { RestRoute } from '../rest-route.ts';
import { forceQuery, maxResultsQuery } from '../openapi/parameters.ts';
import { catalogJson } from './unity-json.ts';
import {
  bodyOf,
  callerOf,
  changing,
  commentField,
  flag,
  nameField,
  nameParts,
  nextPage,
  ownerField,
  pageOf,
  unityBase,
} from './unity-requests.ts';

const collection = `${unityBase}/catalogs`;
const newCatalog = z.object({ name: nameField, comment: commentField });
const change = z.object({ owner: ownerField, comment: commentField });

/** `catalogs` of Unity Catalog. */
export const unityCatalogRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: collection,
    describe: {
      id: 'listCatalogs',
      summary: 'Lists the catalogs the caller may see.',
      access: 'user',
      tag: 'unityCatalog',
      query: maxResultsQuery,
    },
    scopes: ['unity-catalog'],
    handle(request, { catalog }) {
      const page = pageOf(catalog.catalogs(callerOf(request)), request, 'catalogs');
      return { status: 200, body: { catalogs: page.items.map(catalogJson), ...nextPage(page) } };
    },
  },
  {
    method: 'POST',
    path: collection,
    describe: {
      id: 'createCatalog',
      summary: 'Makes a catalog.',
      access: 'user',
      tag: 'unityCatalog',
      body: newCatalog,
    },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const { name, comment } = bodyOf(newCatalog, request);
      const made = await changing(request, catalog, { kind: 'CATALOG', name: [name] }, (caller) =>
        catalog.createCatalog({ name: [name], comment }, caller),
      );
      return { status: 200, body: catalogJson(made) };
    },
  },
  {
    method: 'GET',
    path: `${collection}/{name}`,
    describe: { id: 'getCatalog', summary: 'Shows a catalog.', access: 'user', tag: 'unityCatalog' },
    scopes: ['unity-catalog'],
    handle(request, { catalog }) {
      const [name = ''] = nameParts(request.params['name'], 1, 'catalog');
      return { status: 200, body: catalogJson(catalog.catalogInfo(name, callerOf(request))) };
    },
  },
  {
    method: 'PATCH',
    path: `${collection}/{name}`,
    describe: {
      id: 'updateCatalog',
      summary: 'Changes owner or comment of a catalog.',
      access: 'user',
      tag: 'unityCatalog',
      body: change,
    },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const name = nameParts(request.params['name'], 1, 'catalog');
      const securable: Securable = { kind: 'CATALOG', name };
      const update = bodyOf(change, request);
      await changing(request, catalog, securable, (caller) => catalog.update(securable, update, caller));
      return { status: 200, body: catalogJson(catalog.catalogInfo(name[0] ?? '', callerOf(request))) };
    },
  },
  {
    method: 'DELETE',
    path: `${collection}/{name}`,
    describe: {
      id: 'deleteCatalog',
      summary: 'Drops a catalog.',
      access: 'user',
      tag: 'unityCatalog',
      query: forceQuery,
    },
    scopes: ['unity-catalog'],
    async handle(request, { catalog }) {
      const name = nameParts(request.params['name'], 1, 'catalog');
      const securable: Securable = { kind: 'CATALOG', name };
      const options = { cascade: flag(request, 'force') };
      await changing(request, catalog, securable, (caller) => catalog.drop(securable, caller, options));
      return { status: 200, body: {} };
    },
  },
];
