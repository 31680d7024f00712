import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EncryptionKeyError, EncryptionKeys, KEY_FILE } from './encryption-keys.ts';
import { insertService, selectServices, type ServiceRow } from './service-repository.ts';
import { openStore, type Store } from './store.ts';

let directory: string;
let store: Store;
const keyFile = () => path.join(directory, KEY_FILE);

const fromFile = { key: undefined, previousKeys: [] };
const aKey = () => randomBytes(32).toString('base64');
const open = (
  config: { key: string | undefined; previousKeys: readonly string[] } = fromFile,
  dataDirectory = directory,
) => EncryptionKeys.open({ store, config, dataDirectory });

/** Stores a service whose secret is sealed. */
async function storeSecret(keys: EncryptionKeys, name: string, secret: string): Promise<void> {
  const box = keys.box(`MODEL_PROVIDER_SERVICE main.default.${name}`);
  const config = JSON.stringify({
    openai: { direct: { api_key: { sealed: box.seal(secret) }, base_url: 'https://x.example/"sealed":"no"' } },
  });
  const row: ServiceRow = {
    kind: 'MODEL_PROVIDER_SERVICE',
    catalog: 'main',
    schema: 'default',
    name,
    uid: name,
    owner: 'ada',
    comment: null,
    config,
    providers: '{}',
    etag: 'e',
    createdAt: 1,
    createdBy: 'ada',
    updatedAt: 1,
    updatedBy: 'ada',
  };
  await insertService(store, row);
}

async function secrets(keys: EncryptionKeys): Promise<string[]> {
  return (await selectServices(store)).map((row) => {
    const { openai } = JSON.parse(row.config) as { openai: { direct: { api_key: { sealed: string } } } };
    return keys.box(`MODEL_PROVIDER_SERVICE main.default.${row.name}`).open(openai.direct.api_key.sealed);
  });
}

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-keys-'));
  store = await openStore({ dataDirectory: directory });
  await store.run(
    `INSERT INTO unity_catalogs (name, owner, built_in, created_at, created_by, updated_at) VALUES ('main', 'a', 0, 1, 'a', 1)`,
  );
  await store.run(
    `INSERT INTO unity_schemas (catalog, name, owner, built_in, created_at, created_by, updated_at)
     VALUES ('main', 'default', 'a', 0, 1, 'a', 1)`,
  );
});

afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('the key file', () => {
  it('is made once, for this user alone, and never stands in the database', async () => {
    const keys = await open();
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    const sealed = keys.box('x').seal('secret');
    expect((await open()).box('x').open(sealed)).toBe('secret');
    const key = readFileSync(keyFile(), 'utf8').trim();
    expect(JSON.stringify(await store.all('SELECT * FROM encryption_keys'))).not.toContain(key);
  });

  it('that is missing is not made anew where something is sealed, and nothing is lost', async () => {
    const keys = await open();
    await storeSecret(keys, 'one', 'secret');
    const content = readFileSync(keyFile());
    rmSync(keyFile());
    await expect(open()).rejects.toThrow(EncryptionKeyError);
    await expect(open()).rejects.toThrow(keys.currentId);
    expect(statSync(keyFile(), { throwIfNoEntry: false })).toBeUndefined();
    writeFileSync(keyFile(), content, { mode: 0o600 });
    expect(await secrets(await open())).toEqual(['secret']);
  });

  it('that is another one is refused', async () => {
    await storeSecret(await open(), 'one', 'secret');
    writeFileSync(keyFile(), `${aKey()}\n`);
    await expect(open()).rejects.toThrow(/Nothing was changed/);
  });

  it('that is damaged is refused', async () => {
    await open();
    writeFileSync(keyFile(), 'c2hvcnQ=\n');
    await expect(open()).rejects.toThrow(/does not hold keys/);
  });

  it('of a second gateway with a key of its own is refused', async () => {
    await open();
    const other = mkdtempSync(path.join(tmpdir(), 'ucode-keys-'));
    await expect(open(fromFile, other)).rejects.toThrow(EncryptionKeyError);
    expect(statSync(path.join(other, KEY_FILE), { throwIfNoEntry: false })).toBeUndefined();
    rmSync(other, { recursive: true });
  });
});

describe('rotation', () => {
  it('of the key file is seen by a gateway that runs', async () => {
    const running = await open();
    await storeSecret(running, 'one', 'first');
    await storeSecret(running, 'two', 'second');
    const command = await open();
    await command.addKey();
    expect(await command.reseal()).toBe(2);
    expect(await command.reseal()).toBe(0);
    expect(await secrets(running)).toEqual(['first', 'second']);
    const anew = running.box('x').seal('later');
    expect(command.box('x').isCurrent(anew)).toBe(true);
    expect(await store.all('SELECT id FROM encryption_keys')).toEqual([{ id: command.currentId }]);
  });

  it('of configured keys opens the old, seals with the new, and then needs the old no more', async () => {
    const [old, anew] = [aKey(), aKey()];
    const before = await open({ key: old, previousKeys: [] });
    await storeSecret(before, 'one', 'secret');
    await expect(open({ key: anew, previousKeys: [] })).rejects.toThrow(EncryptionKeyError);
    const both = await open({ key: anew, previousKeys: [old] });
    expect(await secrets(both)).toEqual(['secret']);
    expect(await both.reseal()).toBe(1);
    expect(await secrets(await open({ key: anew, previousKeys: [] }))).toEqual(['secret']);
    expect(statSync(keyFile(), { throwIfNoEntry: false })).toBeUndefined();
  });

  it('that stopped half-way goes on', async () => {
    const [old, anew] = [aKey(), aKey()];
    const before = await open({ key: old, previousKeys: [] });
    await storeSecret(before, 'one', 'first');
    const both = await open({ key: anew, previousKeys: [old] });
    await both.reseal();
    await storeSecret(before, 'two', 'second');
    const again = await open({ key: anew, previousKeys: [old] });
    expect(await secrets(again)).toEqual(['first', 'second']);
    expect(await again.reseal()).toBe(1);
  });

  it('leaves what cannot be opened as it is, and does the rest', async () => {
    const [old, anew] = [aKey(), aKey()];
    const before = await open({ key: old, previousKeys: [] });
    for (const name of ['a', 'b', 'c']) await storeSecret(before, name, 'secret');
    const moved = await store.get('SELECT config FROM unity_services WHERE name = ?', 'a');
    await store.run('UPDATE unity_services SET config = ? WHERE name = ?', String(moved?.['config']), 'b');
    const both = await open({ key: anew, previousKeys: [old] });
    await expect(both.reseal()).rejects.toThrow(/2 values were sealed anew.*1 in unity_services/);
    const [, row] = await selectServices(store);
    expect(row?.config).toBe(moved?.['config']);
    await expect(open({ key: anew, previousKeys: [] })).rejects.toThrow(before.currentId);
  });

  it('of a configured key has no file to change', async () => {
    const keys = await open({ key: aKey(), previousKeys: [] });
    await expect(keys.addKey()).rejects.toThrow(/encryption\.key/);
  });
});
