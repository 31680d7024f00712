import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { field, struct } from '../lake/schema/delta-type.ts';
import type { Caller } from './caller.ts';
import { ada, admin, bob, TestCatalog } from './testing/open-catalog.ts';

const schema = struct(field('a', 'string'));
const usage = ['system', 'ai_gateway', 'usage'];

let test: TestCatalog;
beforeEach(async () => {
  test = await TestCatalog.open();
});
afterEach(() => test.close());

const create = (name: string, caller: Caller = ada) =>
  test.catalog.createTable({ name: name.split('.'), schema }, caller);
const readable = async (name: string, caller: Caller) => {
  try {
    return (await test.catalog.readable(name.split('.'), caller)).info.name;
  } catch (error) {
    return (error as Error).message;
  }
};
const writable = async (name: string, caller: Caller) => {
  try {
    return (await test.catalog.writable(name.split('.'), caller)).name;
  } catch (error) {
    return (error as Error).message;
  }
};
const missing = (privilege: string, object: string) =>
  `[INSUFFICIENT_PERMISSIONS] User does not have ${privilege} on ${object}.`;
const notFound = (name: string) => expect.stringContaining(`The table or view '${name}' cannot be found`);

describe('from the start', () => {
  it('there is main.default, in which everyone may make tables', async () => {
    expect(test.catalog.catalogs(bob).map(({ name }) => name)).toEqual(['main', 'system']);
    expect(test.catalog.schemas('main', bob).map(({ name }) => name)).toEqual(['default', 'information_schema']);
    const info = await create('x', bob);
    expect(info).toMatchObject({
      catalog: 'main',
      schema: 'default',
      name: 'x',
      owner: 'bob@example.com',
      kind: 'MANAGED',
      table: { location: 'main/default/x' },
    });
    expect(test.lake.tables.get('main/default/x')?.description.id).toBe(info.table?.id);
    expect(await readable('x', bob)).toBe('x');
    expect(await writable('x', bob)).toBe('x');
  });

  it('that can be revoked, and stays revoked', async () => {
    await test.run('REVOKE CREATE TABLE ON SCHEMA main.default FROM `account users`');
    const second = await test.newCatalog();
    await expect(second.createTable({ name: ['x'], schema }, ada)).rejects.toThrow(
      missing('CREATE TABLE', "Schema 'main.default'"),
    );
  });

  it('main can be dropped for good, system cannot', async () => {
    await test.run('DROP CATALOG main');
    expect((await test.newCatalog()).catalogs(admin).map(({ name }) => name)).toEqual(['system']);
    await expect(test.run('DROP CATALOG system CASCADE')).rejects.toMatchObject({ code: 'policy_forbidden' });
    await expect(test.run('CREATE SCHEMA system.mine')).rejects.toMatchObject({ code: 'policy_forbidden' });
    await expect(test.run('CREATE TABLE system.ai.t (a INT)')).rejects.toMatchObject({ code: 'policy_forbidden' });
  });
});

describe('rights', () => {
  beforeEach(async () => {
    await test.run('CREATE SCHEMA main.s');
    await test.run('CREATE TABLE main.s.t (a INT)');
  });

  it.each<[string, string[], string | object, string | object]>([
    [
      'nothing',
      [],
      expect.stringContaining("The schema 'main.s' cannot be found"),
      expect.stringContaining('SCHEMA_NOT_FOUND'),
    ],
    [
      'BROWSE above',
      ['BROWSE ON CATALOG main'],
      missing('USE SCHEMA', "Schema 'main.s'"),
      missing('USE SCHEMA', "Schema 'main.s'"),
    ],
    ['USE SCHEMA only', ['USE SCHEMA ON SCHEMA main.s'], notFound('main.s.t'), notFound('main.s.t')],
    [
      'SELECT only',
      ['SELECT ON main.s.t'],
      missing('USE SCHEMA', "Schema 'main.s'"),
      missing('USE SCHEMA', "Schema 'main.s'"),
    ],
    [
      'SELECT and USE',
      ['SELECT ON main.s.t', 'USE SCHEMA ON SCHEMA main.s'],
      't',
      missing('MODIFY', "Table 'main.s.t'"),
    ],
    [
      'MODIFY and USE',
      ['MODIFY ON main.s.t', 'USE SCHEMA ON SCHEMA main.s'],
      missing('SELECT', "Table 'main.s.t'"),
      missing('SELECT', "Table 'main.s.t'"),
    ],
    ['all three on the schema', ['SELECT, MODIFY, USE SCHEMA ON SCHEMA main.s'], 't', 't'],
    ['all three on the catalog', ['SELECT, MODIFY, USE SCHEMA ON CATALOG main'], 't', 't'],
    ['ALL PRIVILEGES on the catalog', ['ALL PRIVILEGES ON CATALOG main'], 't', missing('MODIFY', "Table 'main.s.t'")],
    ['ALL PRIVILEGES and explicit ones', ['ALL PRIVILEGES ON CATALOG main', 'SELECT, MODIFY ON main.s.t'], 't', 't'],
    [
      'MANAGE',
      ['MANAGE, USE SCHEMA ON SCHEMA main.s'],
      missing('SELECT', "Table 'main.s.t'"),
      missing('MODIFY', "Table 'main.s.t'"),
    ],
  ])('with %s', async (_case, grants, reads, writes) => {
    for (const principal of ['team', '`ADA@example.com`', '`account users`']) {
      for (const grant of grants) await test.run(`GRANT ${grant} TO ${principal}`);
      expect(await readable('main.s.t', ada)).toEqual(reads);
      expect(await writable('main.s.t', ada)).toEqual(writes);
      if (principal !== '`account users`')
        expect(await readable('main.s.t', bob)).toContain("'main.s' cannot be found");
      for (const grant of grants) await test.run(`REVOKE ${grant} FROM ${principal}`);
      expect(await readable('main.s.t', ada)).toContain("'main.s' cannot be found");
    }
  });

  it('need USE CATALOG too', async () => {
    await test.run('REVOKE USE CATALOG ON CATALOG main FROM `account users`');
    await test.run('GRANT SELECT, USE SCHEMA ON SCHEMA main.s TO team');
    expect(await readable('main.s.t', ada)).toBe(missing('USE CATALOG', "Catalog 'main'"));
  });

  it('of an owner cover what is below, and an owner is whoever was made it', async () => {
    await test.run('ALTER SCHEMA main.s OWNER TO team');
    expect(await readable('main.s.t', ada)).toBe('t');
    expect(await writable('main.s.t', ada)).toBe('t');
    await test.run('DROP TABLE main.s.t', ada);
    expect(await readable('main.s.t', ada)).toEqual(notFound('main.s.t'));
  });

  it('to grant need MANAGE or ownership', async () => {
    await test.run('GRANT SELECT, USE SCHEMA ON SCHEMA main.s TO team');
    await expect(test.run('GRANT SELECT ON main.s.t TO bob', ada)).rejects.toThrow(
      missing('MANAGE', "Table 'main.s.t'"),
    );
    await expect(test.run('DROP TABLE main.s.t', ada)).rejects.toThrow(missing('MANAGE', "Table 'main.s.t'"));
    await expect(test.run("ALTER TABLE main.s.t SET TBLPROPERTIES ('a'='b')", ada)).rejects.toThrow(
      missing('MODIFY', "Table 'main.s.t'"),
    );
    await test.run('GRANT MANAGE ON main.s.t TO team');
    await test.run('GRANT SELECT ON main.s.t TO bob', ada);
  });

  it('do not outlive the object', async () => {
    await test.run('GRANT SELECT, MODIFY, USE SCHEMA ON SCHEMA main.s TO team');
    await test.run('GRANT SELECT ON main.s.t TO bob');
    await test.run('DROP SCHEMA main.s CASCADE');
    await test.run('CREATE SCHEMA main.s');
    await test.run('CREATE TABLE main.s.t (a INT)');
    expect(await readable('main.s.t', ada)).toContain("'main.s' cannot be found");
    expect(await test.rows('SHOW GRANTS ON main.s.t')).toEqual([]);
  });
});

describe('schemas of services', () => {
  const names = (catalog: string): string[] => test.catalog.schemas(catalog, bob).map(({ name }) => name);

  it('are made once, with their catalogs, for everyone to use', async () => {
    const services = ['main.Team.fast', 'main.team.slow', 'acme.models.x', 'system.ai.y', 'main.default.z'];
    await test.catalog.ensureSchemas(services);
    expect(names('main')).toEqual(['default', 'information_schema', 'team']);
    expect(names('acme')).toContain('models');
    const held = test.catalog.grants({ kind: 'SCHEMA', name: ['acme', 'models'] }, bob);
    expect(held.map(({ privilege, principal }) => `${privilege} ${principal}`)).toEqual(['USE SCHEMA account users']);
    expect(test.catalog.schemaInfo(['main', 'team'], bob)).toMatchObject({ owner: 'admins', builtIn: false });
  });

  it('keep what an admin changed', async () => {
    await test.catalog.ensureSchemas(['main.team.fast']);
    await test.run('REVOKE USE SCHEMA ON SCHEMA main.team FROM `account users`');
    await test.catalog.ensureSchemas(['main.team.fast']);
    expect(names('main')).not.toContain('team');
  });
});

describe('built-in tables', () => {
  beforeEach(async () => {
    await test.catalog.ensureBuiltIn({ name: usage, comment: 'Usage', schema, ownRowsColumn: 'requester' });
    await test.catalog.ensureBuiltIn({ name: ['system', 'ai_gateway', 'secret'], comment: '', schema });
  });

  it('show everyone its own rows, admins and holders of SELECT all', async () => {
    const own = async (caller: Caller) => (await test.catalog.readable(usage, caller)).ownRowsColumn;
    expect(await own(ada)).toBe('requester');
    expect(await own(admin)).toBeUndefined();
    await test.run('GRANT ALL PRIVILEGES ON CATALOG system TO team');
    expect(await own(ada)).toBe('requester');
    await test.run('GRANT SELECT ON SCHEMA system.ai_gateway TO team');
    expect(await own(ada)).toBeUndefined();
    expect(await own(bob)).toBe('requester');
    expect(await readable('system.ai_gateway.secret', bob)).toEqual(notFound('system.ai_gateway.secret'));
  });

  it('cannot be changed by statements, not even by admins', async () => {
    for (const sql of ['DROP TABLE', 'ALTER TABLE']) {
      const rest = sql === 'DROP TABLE' ? '' : " SET TBLPROPERTIES ('a'='b')";
      await expect(test.run(`${sql} system.ai_gateway.usage${rest}`)).rejects.toThrow(
        'is built in and cannot be changed',
      );
    }
    expect(await writable('system.ai_gateway.usage', admin)).toContain('is built in');
  });

  it('are taken over where the lake has them, of another gateway on the same lake', async () => {
    const other = await TestCatalog.open();
    const catalog = await other.newCatalog(test.lake);
    try {
      const wider = struct(...schema.fields, field('later', 'long'));
      const info = await catalog.ensureBuiltIn({ name: usage, comment: 'Usage', schema: wider });
      expect(info.table).toEqual(test.catalog.find(usage)!.table);
      expect((await test.lake.describe(info.table!.location)).schema).toEqual(wider);
      const beside = await catalog.ensureBuiltIn({
        name: ['system', 'ai_gateway', 'secret'],
        comment: '',
        schema: struct(field('a', 'binary')),
      });
      expect(beside.table!.location).not.toBe(test.catalog.find(['system', 'ai_gateway', 'secret'])!.table!.location);
    } finally {
      await other.close();
    }
  });

  it('are not made anew where the lake has lost them', async () => {
    test.lake.tables.clear();
    await expect(test.catalog.ensureBuiltIn({ name: usage, comment: 'Usage', schema })).rejects.toMatchObject({
      code: 'gateway_lake_unavailable',
    });
  });

  it('are made once and brought up to date', async () => {
    const before = test.catalog.find(usage);
    const wider = struct(field('a', 'string'), field('b', 'long'));
    const properties = { 'delta.x': '1' };
    await test.catalog.ensureBuiltIn({ name: usage, comment: 'Better', schema: wider, properties, ownRowsColumn: 'b' });
    const after = test.catalog.find(usage)!;
    expect(after).toMatchObject({ table: before?.table, comment: 'Better', ownRowsColumn: 'b' });
    expect(await test.catalog.describe(after)).toMatchObject({
      schema: wider,
      properties,
      comment: 'Better',
      version: 3,
    });
    await test.catalog.ensureBuiltIn({ name: usage, comment: 'Better', schema: wider, properties, ownRowsColumn: 'b' });
    expect(await test.catalog.describe(after)).toMatchObject({ version: 3 });
  });

  it('may be views', async () => {
    const view = { name: ['system', 'ai_gateway', 'cost'], comment: 'c' };
    await test.catalog.ensureBuiltIn({ ...view, viewText: 'SELECT 1' });
    await test.catalog.ensureBuiltIn({ ...view, viewText: 'SELECT 2', schema });
    expect(test.catalog.find(view.name)).toMatchObject({ kind: 'VIEW', viewText: 'SELECT 2', viewColumns: schema });
  });
});

describe('tables', () => {
  it('are made once by racing creators', async () => {
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => create('main.default.race')));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(results.filter((result) => result.status === 'rejected').map(({ reason }) => reason.code)).toEqual(
      Array.from({ length: 4 }, () => 'caller_already_exists'),
    );
    expect([...test.lake.tables.keys()]).toEqual([test.catalog.find(['race'])?.table?.location]);
  });

  it('are made once by two processes, and IF NOT EXISTS gives both the same', async () => {
    const other = await test.beside();
    const table = { name: ['race'], schema, ifNotExists: true };
    const [one, two] = await Promise.all([test.catalog.createTable(table, ada), other.catalog.createTable(table, bob)]);
    expect(one.table).toEqual(two.table);
    expect(one.owner).toBe(two.owner);
    expect(test.lake.tables.size).toBe(1);
    await other.stop();
  });

  it('leave an orphan directory at most when creation fails', async () => {
    test.lake.before = async (method) => {
      if (method === 'createTable') await test.store.run("DELETE FROM unity_schemas WHERE catalog = 'main'");
    };
    await expect(create('x')).rejects.toMatchObject({ code: 'caller_schema_not_found' });
    expect(test.catalog.find(['x'])).toBeUndefined();
    expect(test.lake.tables.size).toBe(0);
  });

  it('never take the place of a dropped one', async () => {
    await create('x');
    await test.run('DROP TABLE x', ada);
    expect(test.lake.tables.size).toBe(0);
    const again = await create('X');
    expect(again.table?.location).toBe(`main/default/x-${again.table?.id.slice(0, 8)}`);
    await test.lake.createTable({ id: 'orphan', location: 'main/default/y', schema, properties: {} });
    expect((await create('y')).table?.location).toMatch(/^main\/default\/y-[\da-f]{8}$/);
  });

  it('that were dropped lose their files later when the storage fails', async () => {
    await create('x');
    test.lake.before = () => {
      throw new Error('disk on fire');
    };
    await test.run('DROP TABLE x', ada);
    expect(test.messages.join()).toContain('disk on fire');
    expect(test.catalog.find(['x'])).toBeUndefined();
    expect(test.lake.tables.size).toBe(1);
    test.lake.before = () => {};
    await test.catalog.removeDropped();
    expect(test.lake.tables.size).toBe(0);
  });
});

describe('what was done', () => {
  it('is there after a restart', async () => {
    await create('Main.Default.`x`'.replaceAll('`', ''));
    await test.run('GRANT SELECT ON x TO bob', ada);
    await test.run("ALTER TABLE x SET TAGS ('team' = 'a')", ada);
    await test.run("COMMENT ON TABLE x IS 'y'", ada);
    const before = test.catalog.find(['x']);
    await test.store.close();
    const again = await test.beside();
    expect(again.catalog.find(['x'])).toEqual(before);
    expect(before).toMatchObject({ tags: { team: 'a' }, comment: 'y' });
    expect(await again.rows('SHOW GRANTS ON x')).toContainEqual(['bob', 'SELECT', 'TABLE', 'main.default.x']);
    await again.stop();
  });

  it('by another process is seen when the watcher has looked', async () => {
    const other = await test.beside();
    await create('x');
    expect(other.catalog.find(['x'])).toBeUndefined();
    await other.watcher.check();
    expect(other.catalog.find(['x'])).toMatchObject({ name: 'x' });
    await other.run('DROP TABLE x');
    await expect(create('x')).resolves.toMatchObject({ name: 'x' });
    await other.stop();
  });

  it('is answered from memory', async () => {
    await create('x');
    await test.store.close();
    expect(await writable('x', ada)).toBe('x');
    test.catalog.require('SELECT', { kind: 'TABLE', name: ['x'] }, ada);
  });
});

describe('two gateways on one store', () => {
  let other: TestCatalog;
  beforeEach(async () => {
    other = await test.beside();
  });
  afterEach(() => other.stop());

  /** Runs a statement on both at once. Gives what went wrong, `undefined` for what went well. */
  const onBoth = async (sql: string, otherSql = sql): Promise<unknown[]> => {
    const results = await Promise.allSettled([test.run(sql), other.run(otherSql)]);
    return results.map((result) => (result.status === 'rejected' ? result.reason.code : undefined)).toSorted();
  };

  it('make an object once, and the other is told as if it had come later', async () => {
    for (const sql of [
      'CREATE CATALOG c',
      'CREATE SCHEMA main.s',
      'CREATE VIEW v AS SELECT 1',
      'CREATE TABLE t (a INT)',
    ]) {
      expect(await onBoth(sql), sql).toEqual(['caller_already_exists', undefined]);
      expect(await onBoth(sql.replace(/ (?=\S+(?: AS| \(|$))/, ' IF NOT EXISTS ')), sql).toEqual([
        undefined,
        undefined,
      ]);
    }
    expect(test.lake.tables.size).toBe(1);
    await Promise.all([test, other].map(({ catalog }) => catalog.ensureSchemas(['acme.models.x', 'main.team.y'])));
    for (const { catalog, watcher } of [test, other]) {
      await watcher.check();
      expect(catalog.schemas('acme', admin).map(({ name }) => name)).toEqual(['information_schema', 'models']);
    }
  });

  it('keep each other’s grants, which are in force in both', async () => {
    await test.run('CREATE TABLE t (a INT)');
    const privileges = ['SELECT', 'MODIFY', 'BROWSE', 'MANAGE'];
    const grants = privileges.map((privilege, at) =>
      (at % 2 === 0 ? test : other).run(`GRANT ${privilege} ON t TO ${at % 2 === 0 ? 'team' : 'Team'}`),
    );
    await Promise.all(grants);
    await other.watcher.check();
    expect((await other.rows('SHOW GRANTS ON t')).map((row) => row[1]).toSorted()).toEqual(privileges.toSorted());
    expect(new Set((await other.rows('SHOW GRANTS ON t')).map((row) => row[0])).size).toBe(1);
    expect((await other.catalog.writable(['t'], ada)).name).toBe('t');
    await test.run('REVOKE SELECT ON t FROM TEAM');
    await other.watcher.check();
    expect((await other.rows('SHOW GRANTS ON t')).map((row) => row[1])).not.toContain('SELECT');
  });

  it('leave nothing in a schema that one of them drops', async () => {
    for (let round = 0; round < 5; round += 1) {
      await test.run('CREATE SCHEMA main.s');
      await onBoth('DROP SCHEMA main.s CASCADE', 'CREATE TABLE main.s.t (a INT)');
      for (const { watcher, catalog } of [test, other]) {
        await watcher.check();
        expect(catalog.find(['main', 's', 't'])).toBeUndefined();
      }
      await test.run('DROP SCHEMA IF EXISTS main.s CASCADE');
      expect(test.lake.tables.size).toBe(0);
    }
  });

  it('find at once what was just granted by the other', async () => {
    await create('x', bob);
    await other.run('GRANT SELECT, MODIFY ON x TO team');
    expect(await writable('x', ada)).toBe('x');
    expect(await readable('x', ada)).toBe('x');
  });

  it('refuse by the image while the database is away', async () => {
    await create('x', bob);
    await test.store.close();
    expect(await readable('x', ada)).toEqual(notFound('main.default.x'));
    expect(await readable('x', bob)).toBe('x');
  });
});
