import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { modelListRoutes } from '../model-lists/index.ts';
import { restRoutes } from '../rest/index.ts';
import { call } from '../rest/testing-config.ts';
import type { RestRoute } from '../rest-route.ts';
import { openApiDocument } from './document.ts';
import { routeMatrix } from './route-matrix.ts';
import { openApiRoutes } from './routes.ts';

const all = [...restRoutes, ...modelListRoutes];
const document = openApiDocument(all);

const done = { status: 200, body: {} };
const route = (given: Partial<RestRoute> = {}): RestRoute => ({
  method: 'POST',
  path: '/api/things/{name}',
  describe: { id: 'makeThing', summary: 'Makes a thing.', access: 'admin', tag: 'things' },
  handle: () => done,
  ...given,
});

/** Every value under a key, wherever it stands. */
function valuesOf(value: unknown, key: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, entry]) => [
    ...(name === key && typeof entry !== 'object' ? [entry] : []),
    ...valuesOf(entry, key),
  ]);
}

describe('the document of the gateway', () => {
  test('is the one in the repository', () => {
    const file = new URL('../../../../../docs/reference/openapi.json', import.meta.url);
    const cure = 'run `node scripts/generate-openapi.mjs`';
    expect(JSON.parse(readFileSync(file, 'utf8')), cure).toEqual(JSON.parse(JSON.stringify(document)));
  });

  test('has every route', () => {
    for (const { method, path } of all) {
      expect(document.paths[path]?.[method.toLowerCase() as 'get'], `${method} ${path}`).toBeDefined();
    }
  });

  test('every operation has an id of its own, a summary that is a sentence, and says who may call it', () => {
    const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
    expect(operations.length).toBeGreaterThan(60);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { operationId, summary, security } of operations) {
      expect(operationId).toMatch(/^[a-z]\w+$/);
      expect(summary, operationId).toMatch(/^[A-Z].*\.$/);
      expect(Array.isArray(security), operationId).toBe(true);
    }
  });

  test('every reference leads somewhere', () => {
    const references = valuesOf(document, '$ref');
    expect(references.length).toBeGreaterThan(50);
    for (const reference of references) {
      const steps = String(reference).replace('#/', '').split('/');
      let found: unknown = document;
      for (const step of steps) found = (found as Record<string, unknown> | undefined)?.[step];
      expect(found, String(reference)).toBeDefined();
    }
  });

  test('every path parameter is declared, and nothing else is', () => {
    for (const [path, item] of Object.entries(document.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [] } of Object.values(item)) {
        expect(
          parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
          path,
        ).toEqual(names);
      }
    }
  });

  test('every tag is explained', () => {
    expect(document.tags.filter(({ name, description }) => name === description)).toEqual([]);
  });

  test('the same routes give the same document', () => {
    expect(JSON.stringify(openApiDocument(all))).toBe(JSON.stringify(document));
  });
});

describe('an operation', () => {
  const body = z.strictObject({
    size: z.int().min(1).max(10),
    kind: z.enum(['a', 'b']).default('a'),
    at: z.string().transform((text) => new Date(text)),
  });
  const described = openApiDocument([
    route({ describe: { ...route().describe, body, query: { force: z.boolean().optional(), of: z.string() } } }),
  ]).paths['/api/things/{name}']?.post;

  test('has the schema that validates its body', () => {
    expect(described?.requestBody?.content['application/json']?.schema).toEqual({
      type: 'object',
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 10 },
        kind: { type: 'string', enum: ['a', 'b'], default: 'a' },
        at: { type: 'string' },
      },
      required: ['size', 'at'],
      additionalProperties: false,
    });
  });

  test('says which parameters are needed', () => {
    expect(described?.parameters?.map(({ name, required }) => [name, required])).toEqual([
      ['name', true],
      ['force', false],
      ['of', true],
    ]);
  });

  test('says that it is for admins, and how it refuses', () => {
    expect(described?.description).toContain('admins');
    expect(Object.keys(described?.responses ?? {})).toEqual(['200', '400', '401', '403', '404', 'default']);
  });
});

test('two routes of one id are refused', () => {
  expect(() => openApiDocument([route(), route({ path: '/api/others' })])).toThrow(/makeThing/);
});

test('the matrix refuses a route that is public in one place only', () => {
  expect(() => routeMatrix([route({ public: true })])).toThrow(/public in one place only/);
  expect(routeMatrix([route()])).toEqual([{ method: 'POST', path: '/api/things/{name}', access: 'admin', scopes: [] }]);
});

test('it is served to everybody, and not again to who has it', async () => {
  const routes: RestRoute[] = [...openApiRoutes(() => routes)];
  expect(routes[0]).toMatchObject({ public: true, describe: { access: 'public' } });
  const first = await call(routes, '/api/openapi.json');
  expect(first.body).toMatchObject({ openapi: '3.1.0' });
  const headers = { 'if-none-match': first.headers!['etag']! };
  expect(await call(routes, '/api/openapi.json', { request: { headers } })).toMatchObject({ status: 304 });
});
