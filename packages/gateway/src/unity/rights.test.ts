import { expect, test } from 'vitest';
import type { GrantRow } from '../state/unity-grant-repository.ts';
import type { CatalogInfo, SchemaInfo, ServiceInfo, TableInfo } from './catalog.ts';
import { Rights } from './rights.ts';
import type { Snapshot } from './snapshot.ts';

const common = {
  owner: 'admins',
  comment: undefined,
  tags: {},
  createdAt: 0,
  createdBy: 'x',
  updatedAt: 0,
  builtIn: false,
};
const table = { ...common, kind: 'MANAGED', table: undefined, viewText: undefined, ownRowsColumn: undefined } as const;

/** Maps that count how often all of their entries are gone through. */
class CountingMap<K, V> extends Map<K, V> {
  scans = 0;
  override entries(): MapIterator<[K, V]> {
    this.scans += 1;
    return super.entries();
  }
  override values(): MapIterator<V> {
    this.scans += 1;
    return super.values();
  }
  override [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }
}

/** 200 schemas of 5 tables, and 5,000 grants to 1,000 groups. */
function largeSnapshot() {
  const schemas = new CountingMap<string, SchemaInfo>();
  const tables = new CountingMap<string, TableInfo>();
  const grants = new CountingMap<string, GrantRow[]>();
  const grant = (kind: string, name: string, principal: string, privilege: string): void => {
    const rows = grants.get(`${kind} ${name}`) ?? [];
    rows.push({ kind, name, principal, privilege, grantedBy: 'x', grantedAt: 0 });
    grants.set(`${kind} ${name}`, rows);
  };
  for (let at = 0; at < 200; at += 1) {
    schemas.set(`main.s${at}`, { ...common, catalog: 'main', name: `s${at}` });
    for (let of = 0; of < 5; of += 1) {
      const name = `t${of}`;
      tables.set(`main.s${at}.${name}`, { ...table, catalog: 'main', schema: `s${at}`, name });
    }
  }
  for (let at = 0; at < 1_000; at += 1) {
    const schema = `s${at % 200}`;
    grant('CATALOG', 'main', `Group ${at}`, 'USE CATALOG');
    grant('SCHEMA', `main.${schema}`, `group ${at}`, 'USE SCHEMA');
    for (let of = 0; of < 3; of += 1) grant('TABLE', `main.${schema}.t${of}`, `GROUP ${at}`, 'SELECT');
  }
  const catalogs = new CountingMap<string, CatalogInfo>([['main', { ...common, name: 'main' }]]);
  const services = new CountingMap<string, ServiceInfo>();
  const maps = [catalogs, schemas, tables, grants, services];
  const snapshot = { catalogs, schemas, tables, grants, services, storedServices: [] } satisfies Snapshot;
  return { snapshot, scans: () => maps.reduce((sum, map) => sum + map.scans, 0) };
}

test('many objects and grants are gone through once for an image, not for a caller or a question', () => {
  const { snapshot, scans } = largeSnapshot();
  const ask = (user: number): boolean[] => {
    const groups = [`group ${user % 1_000}`, 'everybody else'];
    const rights = new Rights(snapshot, { userName: `user${user}@example.com`, groups });
    const schema = `s${user % 200}`;
    return [
      rights.has('SELECT', { kind: 'TABLE', name: ['main', schema, 't0'] }),
      rights.has('SELECT', { kind: 'TABLE', name: ['main', schema, 't4'] }),
      rights.sees({ kind: 'CATALOG', name: ['main'] }),
      rights.sees({ kind: 'SCHEMA', name: ['main', schema] }),
      rights.sees({ kind: 'SCHEMA', name: ['main', `s${(user + 1) % 200}`] }),
    ];
  };
  expect(ask(0)).toEqual([true, false, true, true, false]);
  const before = scans();
  for (let user = 1; user < 2_000; user += 1) expect(ask(user)).toEqual([true, false, true, true, false]);
  expect(scans()).toBe(before);
});

test('a container is seen by whom something in it belongs or is granted to, and by nobody else', () => {
  const { snapshot } = largeSnapshot();
  snapshot.tables.set('main.s7.own', { ...table, owner: 'Ada', catalog: 'main', schema: 's7', name: 'own' });
  const seen = (userName: string, groups: string[]): boolean[] => {
    const rights = new Rights(snapshot, { userName, groups });
    return ['s7', 's8'].map((schema) => rights.sees({ kind: 'SCHEMA', name: ['main', schema] }));
  };
  expect(seen('ada', [])).toEqual([true, false]);
  expect(seen('bob', [])).toEqual([false, false]);
  expect(seen('bob', ['GROUP 8'])).toEqual([false, true]);
  expect(new Rights(snapshot, { userName: 'eve', groups: [] }).sees({ kind: 'CATALOG', name: ['main'] })).toBe(false);
});
