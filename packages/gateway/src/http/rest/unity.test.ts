import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../unity/caller.ts';
import { ada, admin, bob, TestCatalog } from '../../unity/testing/open-catalog.ts';
import type { RestContext, RestRoute } from '../rest-route.ts';
import { RouteTable } from '../route-table.ts';
import { unityCatalogRoutes } from './unity-catalogs.ts';
import { unityEmptyListRoutes } from './unity-empty-lists.ts';
import { unityPermissionRoutes } from './unity-permissions.ts';
import { unitySchemaRoutes } from './unity-schemas.ts';
import { unityTableRoutes } from './unity-tables.ts';

const routes = new RouteTable<RestRoute>([
  ...unityCatalogRoutes,
  ...unitySchemaRoutes,
  ...unityTableRoutes,
  ...unityPermissionRoutes,
  ...unityEmptyListRoutes,
]);
const everyone = 'account users';

let test: TestCatalog;
beforeEach(async () => {
  test = await TestCatalog.open();
});
afterEach(() => test.close());

async function call(method: string, target: string, body: object = {}, caller: Caller = admin): Promise<any> {
  const [path = '', query = ''] = target.split('?', 2);
  const match = routes.match(method, `/api/2.1/unity-catalog/${path}`);
  if (!match || !('route' in match)) throw new Error(`No route for ${method} ${path}`);
  const context = { catalog: test.catalog } as Partial<RestContext> as RestContext;
  const answer = await match.route.handle(
    {
      method,
      params: match.params,
      requestId: 'r1',
      query: new URLSearchParams(query),
      headers: {},
      principal: {
        id: '1',
        type: 'USER',
        active: true,
        authMode: 'PAT',
        tokenId: 't',
        scopes: new Set(['all-apis']),
        ...caller,
      },
      body: body as Record<string, unknown>,
      origin: 'http://localhost',
      sourceIp: undefined,
      noteChange: () => {},
    },
    context,
  );
  expect(answer.status).toBe(200);
  return JSON.parse(JSON.stringify(answer.body));
}

describe('catalogs and schemas', () => {
  it('are listed by pages', async () => {
    for (const name of ['c1', 'c2', 'c3']) await call('POST', 'catalogs', { name, comment: 'x' });
    const first = await call('GET', 'catalogs?max_results=2');
    expect(first.catalogs.map((entry: any) => entry.name)).toEqual(['c1', 'c2']);
    const second = await call('GET', `catalogs?max_results=200&page_token=${first.next_page_token}`);
    expect(second.catalogs.map((entry: any) => entry.name)).toEqual(['c3', 'main', 'system']);
    expect(second).not.toHaveProperty('next_page_token');
    expect((await call('GET', 'catalogs', {}, bob)).catalogs.map((entry: any) => entry.name)).toEqual([
      'main',
      'system',
    ]);
    expect(first.catalogs[0]).toMatchObject({
      full_name: 'c1',
      owner: 'root@example.com',
      comment: 'x',
      created_at: test.time,
      created_by: 'root@example.com',
      catalog_type: 'MANAGED_CATALOG',
    });
  });

  it('are made, changed and deleted', async () => {
    await call('POST', 'catalogs', { name: 'c' });
    expect(await call('POST', 'schemas', { name: 's', catalog_name: 'c' })).toMatchObject({ full_name: 'c.s' });
    expect(await call('PATCH', 'schemas/c.s', { owner: 'team', comment: 'y' })).toMatchObject({
      owner: 'team',
      comment: 'y',
    });
    expect((await call('GET', 'schemas?catalog_name=c')).schemas.map((entry: any) => entry.name)).toEqual([
      'default',
      'information_schema',
      's',
    ]);
    await expect(call('DELETE', 'catalogs/c')).rejects.toMatchObject({ status: 400, vendorCode: 'INVALID_STATE' });
    expect(await call('DELETE', 'schemas/c.s')).toEqual({});
    expect(await call('DELETE', 'catalogs/c?force=true')).toEqual({});
    await expect(call('GET', 'catalogs/c')).rejects.toMatchObject({
      status: 404,
      vendorCode: 'CATALOG_DOES_NOT_EXIST',
    });
  });

  it.each<[string, string, object, string]>([
    ['GET', 'schemas', {}, "The parameter 'catalog_name' is needed."],
    ['GET', 'schemas/main', {}, 'The full name of a schema has the form catalog.schema.'],
    ['GET', 'catalogs?max_results=x', {}, "The parameter 'max_results' must be a whole number, 0 or more."],
    ['POST', 'catalogs', {}, "The field 'name' is not valid: must be a text that is the object's name."],
    ['POST', 'catalogs', { name: 'a/b' }, "[INVALID_NAME] 'a/b' cannot name a catalog: it has a slash in it."],
    ['PATCH', 'catalogs/main', { owner: 7 }, "The field 'owner' is not valid: must be a text."],
    ['DELETE', 'catalogs/main?force=yes', {}, "The parameter 'force' must be true or false."],
  ])('refuse %s %s', async (method, target, body, message) => {
    await expect(call(method, target, body)).rejects.toMatchObject({ status: 400, message });
  });
});

describe('tables', () => {
  const table = {
    name: 'My Table',
    catalog_name: 'main',
    schema_name: 'default',
    table_type: 'MANAGED',
    data_source_format: 'DELTA',
    columns: [
      { name: 'id', type_text: 'bigint', comment: 'the id' },
      { name: 'tags', type_text: 'map<string,struct<a:int>>', position: 1, nullable: true },
      { name: 'day', type_text: 'DATE', partition_index: 0 },
    ],
    comment: 'about',
    properties: { k: 'v' },
  };

  it('are made and shown with their columns', async () => {
    const made = await call('POST', 'tables', table, ada);
    const path = 'tables/main.default.My%20Table';
    expect(await call('GET', path, {}, ada)).toEqual(made);
    expect(made).toEqual({
      name: 'my table',
      catalog_name: 'main',
      schema_name: 'default',
      full_name: 'main.default.my table',
      owner: 'ada@example.com',
      comment: 'about',
      created_at: test.time,
      created_by: 'ada@example.com',
      updated_at: test.time,
      table_type: 'MANAGED',
      data_source_format: 'DELTA',
      table_id: expect.stringMatching(/^[\da-f-]{36}$/),
      storage_location: 'file:///lake/main/default/my%20table',
      properties: { k: 'v' },
      securable_type: 'TABLE',
      columns: [
        {
          name: 'id',
          type_text: 'bigint',
          type_name: 'LONG',
          type_json: expect.any(String),
          position: 0,
          nullable: true,
          comment: 'the id',
        },
        {
          name: 'tags',
          type_text: 'map<string,struct<a:int>>',
          type_name: 'MAP',
          type_json: expect.any(String),
          position: 1,
          nullable: true,
        },
        {
          name: 'day',
          type_text: 'date',
          type_name: 'DATE',
          type_json: expect.any(String),
          position: 2,
          nullable: true,
          partition_index: 0,
        },
      ],
    });
    expect(JSON.parse(made.columns[0].type_json)).toEqual({
      name: 'id',
      type: 'long',
      nullable: true,
      metadata: { comment: 'the id' },
    });
    await expect(call('GET', path, {}, bob)).rejects.toMatchObject({ status: 404, vendorCode: 'TABLE_DOES_NOT_EXIST' });
    const listed = await call('GET', 'tables?catalog_name=main&schema_name=default', {}, ada);
    expect(listed.tables).toEqual([made]);
    const bare = await call('GET', 'tables?catalog_name=main&schema_name=default&omit_columns=true', {}, ada);
    expect(bare.tables[0]).not.toHaveProperty('columns');
    const changed = await call('PATCH', path, { comment: 'new', owner: 'team', properties: { l: 'w' } }, ada);
    expect(changed).toMatchObject({ comment: 'new', owner: 'team', properties: { k: 'v', l: 'w' } });
    expect(await call('DELETE', path, {}, ada)).toEqual({});
    expect(test.lake.tables.size).toBe(0);
  });

  it('whose files are gone do not hide the others', async () => {
    await call('POST', 'tables', { ...table, name: 'x' });
    await call('POST', 'tables', table);
    test.lake.tables.delete('main/default/x');
    const { tables } = await call('GET', 'tables?catalog_name=main&schema_name=default');
    expect(tables.map((entry: any) => [entry.name, entry.columns?.length])).toEqual([
      ['my table', 3],
      ['x', undefined],
    ]);
  });

  it.each<[object, string]>([
    [
      { columns: [{ name: 'a', type_text: 'strng' }] },
      "[PARSE_SYNTAX_ERROR] Syntax error at or near 'strng' (line 1, column 1)",
    ],
    [{ columns: 'x' }, "The field 'columns' is not valid: must be the columns of the table."],
    [{ storage_location: 's3://x' }, "The field 'storage_location' is not valid: is not offered"],
    [{ table_type: 'EXTERNAL' }, "The field 'table_type' is not valid: must be MANAGED"],
    [{ columns: [] }, 'A table needs at least one column.'],
  ])('are refused: %j', async (change, message) => {
    await expect(call('POST', 'tables', { ...table, ...change })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(message),
    });
  });
});

describe('permissions', () => {
  beforeEach(() => test.run('CREATE TABLE t (a INT)', ada));

  it('are granted, shown, revoked', async () => {
    const path = 'permissions/table/main.default.t';
    const changes = [
      { principal: 'bob', add: ['SELECT', 'ALL_PRIVILEGES'] },
      { principal: 'team', add: ['MODIFY'] },
    ];
    const granted = {
      privilege_assignments: [
        { principal: 'bob', privileges: ['ALL_PRIVILEGES', 'SELECT'] },
        { principal: 'team', privileges: ['MODIFY'] },
      ],
    };
    expect(await call('PATCH', path, { changes }, ada)).toEqual(granted);
    expect(await call('GET', path, {}, ada)).toEqual(granted);
    expect(
      await call('PATCH', path, { changes: [{ principal: 'BOB', remove: ['SELECT', 'ALL_PRIVILEGES'] }] }, ada),
    ).toEqual({
      privilege_assignments: [{ principal: 'team', privileges: ['MODIFY'] }],
    });
    await expect(call('PATCH', path, { changes }, bob)).rejects.toMatchObject({ status: 404 });
    await expect(call('PATCH', path, { changes: [{ principal: 'x', add: ['EAT'] }] })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(
        "The field 'changes.0.add.0' is not valid: must be one of ALL_PRIVILEGES, USE_CATALOG",
      ),
    });
    await expect(call('GET', 'permissions/volume/a.b.c')).rejects.toMatchObject({ status: 400 });
  });

  it('in effect name what they come from', async () => {
    await test.run('GRANT USE SCHEMA, SELECT ON CATALOG main TO `account users`');
    const path = `effective-permissions/schema/main.default?principal=${encodeURIComponent(everyone)}`;
    expect(await call('GET', path, {}, bob)).toEqual({
      privilege_assignments: [
        {
          principal: everyone,
          privileges: [
            { privilege: 'CREATE_TABLE' },
            { privilege: 'USE_SCHEMA' },
            { privilege: 'SELECT', inherited_from_type: 'CATALOG', inherited_from_name: 'main' },
            { privilege: 'USE_SCHEMA', inherited_from_type: 'CATALOG', inherited_from_name: 'main' },
          ],
        },
      ],
    });
    const hosted = await call('GET', 'effective-permissions/schema/system.ai?principal=account%20users', {}, bob);
    expect(hosted.privilege_assignments[0].privileges[0].privilege).toBe('USE_SCHEMA');
  });
});

it('there are no functions and connections', async () => {
  expect(await call('GET', 'functions?catalog_name=main&schema_name=default&max_results=1', {}, bob)).toEqual({
    functions: [],
  });
  expect(await call('GET', 'connections', {}, bob)).toEqual({ connections: [] });
  await expect(call('GET', 'functions?catalog_name=main&schema_name=no', {}, bob)).rejects.toMatchObject({
    status: 404,
  });
});
