import { GatewayError } from '../errors/gateway-error.ts';
import { insertCatalog, insertSchema, objectExists } from '../state/unity-object-repository.ts';
import type { Caller } from './caller.ts';
import { DEFAULT_NAMES, type CatalogInfo, type NameDefaults, type NewContainer, type SchemaInfo } from './catalog.ts';
import { checkName, completeSchemaName, keyOf } from './names.ts';
import { alreadyExists, builtIn, notFound } from './refusals.ts';
import { isBuiltIn } from './rights.ts';
import type { UnityState } from './unity-state.ts';

/** CREATE CATALOG of Unity Catalog. The catalog has a schema `default` at once. */
export async function createCatalog(state: UnityState, catalog: NewContainer, caller: Caller): Promise<CatalogInfo> {
  if (catalog.name.length !== 1) throw invalid('A catalog has a name of one part.');
  const name = checkName(catalog.name[0]!, 'catalog');
  await state.refresh();
  const existing = state.snapshot().catalogs.get(name);
  if (existing && catalog.ifNotExists) return existing;
  state.rights(caller).require('CREATE CATALOG', { kind: 'METASTORE', name: [] });
  const row = newRow(state, caller, catalog.comment);
  const inserted = await state.change(
    async (tx) =>
      (await insertCatalog(tx, { ...row, name })) &&
      insertSchema(tx, { ...row, comment: null, catalog: name, name: 'default' }),
  );
  const info = state.snapshot().catalogs.get(name);
  if (!info || (!inserted && !catalog.ifNotExists)) throw alreadyExists({ kind: 'CATALOG', name: [name] });
  return info;
}

/** CREATE SCHEMA of Unity Catalog. */
export async function createSchema(
  state: UnityState,
  schema: NewContainer,
  caller: Caller,
  defaults: NameDefaults = DEFAULT_NAMES,
): Promise<SchemaInfo> {
  if (schema.name.length === 0 || schema.name.length > 2) throw invalid('A schema has a name of one or two parts.');
  const name = completeSchemaName(schema.name, defaults);
  const [catalog = '', leaf = ''] = name;
  checkName(schema.name.at(-1)!, 'schema');
  await state.refresh();
  const above = { kind: 'CATALOG', name: [catalog] } as const;
  const rights = state.rights(caller);
  rights.requireSeen(above);
  if (isBuiltIn(state.snapshot(), above)) throw builtIn(above);
  rights.require('USE CATALOG', above);
  rights.require('CREATE SCHEMA', above);
  const existing = state.snapshot().schemas.get(keyOf(name));
  const inserted =
    !existing &&
    (await state.change(async (tx) => {
      if (!(await objectExists(tx, [catalog]))) throw notFound(above);
      return insertSchema(tx, { ...newRow(state, caller, schema.comment), catalog, name: leaf });
    }));
  const info = state.snapshot().schemas.get(keyOf(name));
  if (!info || (!inserted && !schema.ifNotExists)) throw alreadyExists({ kind: 'SCHEMA', name });
  return info;
}

function newRow(state: UnityState, { userName }: Caller, comment: string | undefined) {
  const at = state.now();
  return {
    owner: userName,
    comment: comment ?? null,
    builtIn: false,
    createdAt: at,
    createdBy: userName,
    updatedAt: at,
  };
}

function invalid(what: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', `[INVALID_NAME] ${what}`);
}
