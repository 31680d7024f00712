// What holds for every agent: one that is registered is tested by that.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyEdits, FileNotWritten } from '../files/apply-edits.ts';
import { FileUnreadable, type FileEdit } from '../files/file-edit.ts';
import { Journal } from '../files/journal.ts';
import { revertEntries } from '../files/revert.ts';
import { wireNames } from '../setup/managed/definition.ts';
import type { OfferedModel } from '../workspace/models.ts';
import type { Agent, AgentSetup } from './agent.ts';
import { agentNamed } from './names.ts';
import { agentIds, loadAgents } from './registry.ts';
import { snapshot } from '../files/testing/snapshot.ts';

let root: string;
let home: string;
let journal: Journal;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'ucode-agents-'));
  home = path.join(root, 'home');
  mkdirSync(home);
  journal = new Journal(path.join(root, 'journal'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const TOKEN = 'ucg_a-personal-access-token';
const SECRET = 'the-secret-of-one-launch';

function model(id: string, apiTypes: readonly string[]): OfferedModel {
  const name = id.split('.').at(-1) ?? id;
  return {
    id,
    name,
    family: name.replace(/-\d.*/, ''),
    version: [4],
    apiTypes,
    contextWindow: 200_000,
    maxOutputTokens: 32_000,
  };
}

/** @param more models beside the first one, which every agent can speak to. */
function setupOf(agent: Agent, how: 'private' | 'global', more: readonly OfferedModel[] = []): AgentSetup {
  const origin = 'https://gateway.test:8443';
  const auth: AgentSetup['endpoint']['auth'] =
    how === 'global' && agent.globalAuth === 'token'
      ? { kind: 'token', token: TOKEN }
      : how === 'private' && agent.auth === 'proxy'
        ? { kind: 'proxy', secret: SECRET }
        : { kind: 'helper', tokenCommand: ['/opt/node', '/opt/auth token.js', '--host', origin] };
  return {
    environment: {
      platform: 'linux',
      home,
      variables: {},
      workingDirectory: home,
      ucodeHome: path.join(home, '.ucode'),
      interactive: false,
    },
    workspaceUrl: origin,
    models: [model('system.ai.claude-sonnet-4', agent.apiTypes), ...more],
    model: 'system.ai.claude-sonnet-4',
    endpoint: { origin, auth },
    agentVersion: '1.2.3',
    telemetry: undefined,
    headers: { 'x-extra': 'yes' },
  };
}

async function revertAll(): Promise<void> {
  const { entries } = await journal.entries();
  for (const { outcome } of await revertEntries(entries, journal)) expect(outcome).not.toBe('kept');
}

/** A file of that format as somebody may have it: with comments and settings of their own where there can be such. */
const theirs: Readonly<Record<FileEdit['format'], string>> = {
  json: '{\n\t// mine\n\t"theirs": { "deep": [1, 2] }, // ✓\n}\n',
  toml: '# mine\r\ntheirs = "x" # ✓\r\n\r\n[theirs_too]\r\na = [1, 2]\r\n',
  dotenv: '# mine\nexport THEIRS="a b"\n\n',
  plain: 'mine\n',
};
const broken: Readonly<Record<FileEdit['format'], string | undefined>> = {
  json: '{ "theirs": ',
  toml: 'theirs = [1,\n[',
  dotenv: undefined,
  plain: undefined,
};

const agents = await loadAgents();
const ways = agents.flatMap((agent) =>
  (['private', 'global'] as const)
    .filter((how) => how === 'private' || agent.globalAuth !== 'none')
    .map((how) => ({ name: `${agent.id}, ${how}`, agent, how })),
);

test('the registry is seen by this test, and every agent has its names', () => {
  expect(agents.map(({ id }) => id)).toEqual(agentIds);
  expect(agentIds.length).toBeGreaterThanOrEqual(7);
  for (const { id, aliases } of agents) for (const name of [id, ...aliases]) expect(agentNamed(name)).toBe(id);
  const managed = agents.filter(({ apiTypes }) => apiTypes.length > 0).map(({ id }) => id);
  expect(Object.keys(wireNames).toSorted()).toEqual(managed.toSorted());
});

describe.each(ways)('$name', ({ agent, how }) => {
  const editsOf = (more: readonly OfferedModel[] = []): readonly FileEdit[] => {
    const setup = setupOf(agent, how, more);
    return how === 'global' ? agent.globalFiles(setup) : agent.privateFiles(setup);
  };
  const fileAt = (edit: FileEdit): string => {
    const file = edit.from ?? edit.path;
    mkdirSync(path.dirname(file), { recursive: true });
    return file;
  };

  test('writes once, says nothing the second time, and goes without a trace', async () => {
    const before = snapshot(home);
    const edits = editsOf();
    expect(await applyEdits(edits, agent.id, journal)).toHaveLength(edits.length);
    const written = snapshot(home);
    for (const { path: file } of edits) expect(lstatSync(file).mode & 0o077, file).toBe(0);
    expect(await applyEdits(editsOf(), agent.id, journal)).toEqual([]);
    expect(snapshot(home)).toEqual(written);
    await revertAll();
    expect(snapshot(home)).toEqual(before);
  });

  test('what is there stays, comments too, and comes back to the byte, whatever was written meanwhile', async () => {
    const edits = editsOf();
    for (const edit of edits) writeFileSync(fileAt(edit), theirs[edit.format], { mode: 0o640 });
    const before = snapshot(home);
    await applyEdits(edits, agent.id, journal);
    for (const edit of edits) {
      const text = readFileSync(edit.path, 'utf8').toLowerCase();
      for (const mark of edit.format === 'plain' ? [] : ['mine', 'heirs']) expect(text).toContain(mark);
    }
    // Other models, before the first revert.
    await applyEdits(editsOf([model('main.team.own-model', agent.apiTypes)]), agent.id, journal);
    await revertAll();
    expect(snapshot(home)).toEqual(before);
  });

  test('what somebody has changed since stays, and ours goes', async () => {
    const edits = editsOf().filter(({ format, from }) => format !== 'plain' && from === undefined);
    for (const edit of edits) writeFileSync(fileAt(edit), theirs[edit.format]);
    await applyEdits(edits, agent.id, journal);
    for (const { path: file } of edits)
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(/"?(theirs|THEIRS)"?/, (word) => word.replace(/heirs/i, 'ouch')),
      );
    await revertAll();
    for (const edit of edits) {
      const expected = theirs[edit.format].replace(/"?(theirs|THEIRS)"?/, (word) => word.replace(/heirs/i, 'ouch'));
      expect(readFileSync(edit.path, 'utf8')).toBe(expected);
    }
  });

  test.each(['empty', 'byte order mark', 'symbolic link', 'link to nothing', 'read-only', 'broken'])(
    'a file that is there already: %s',
    async (kind) => {
      const [first, ...rest] = editsOf();
      if (first === undefined) return;
      const file = fileAt(first);
      const text = theirs[first.format];
      if (kind === 'empty') writeFileSync(file, '');
      else if (kind === 'byte order mark') writeFileSync(file, `\uFEFF${text}`);
      else if (kind === 'read-only') {
        writeFileSync(file, text, { mode: 0o444 });
      } else if (kind === 'broken') writeFileSync(file, broken[first.format] ?? '');
      else {
        const target = path.join(home, 'dotfiles', 'file');
        mkdirSync(path.dirname(target));
        if (kind === 'symbolic link') writeFileSync(target, text);
        symlinkSync(target, file);
      }
      const before = snapshot(home);
      try {
        await applyEdits([...rest, first], agent.id, journal);
        if (kind === 'symbolic link') expect(lstatSync(file).isSymbolicLink()).toBe(true);
        if (kind === 'broken') expect(broken[first.format]).toBeUndefined();
        await revertAll();
      } catch (error) {
        // Refused, with a sentence that names the file, before or after which nothing is left behind.
        expect(['link to nothing', 'read-only', 'broken', 'byte order mark']).toContain(kind);
        expect(error instanceof FileUnreadable || error instanceof FileNotWritten, String(error)).toBe(true);
        expect((error as Error).message).toContain(path.basename(file));
      } finally {
        if (kind === 'read-only' && existsSync(file)) chmodSync(file, 0o444);
      }
      expect(snapshot(home)).toEqual(before);
    },
  );

  test('has the gateway’s address with its port, and no secret but the one that is meant for the file', () => {
    const setup = setupOf(agent, how);
    const text = JSON.stringify(how === 'global' ? agent.globalFiles(setup) : agent.privateFiles(setup));
    expect(text).not.toContain(SECRET);
    const meant = how === 'global' && agent.globalAuth === 'token';
    expect(text.includes(TOKEN)).toBe(meant);
    const { args, env } = agent.launch(setup, ['a b', '--', '--model', 'x']);
    expect(args.slice(-4)).toEqual(['a b', '--', '--model', 'x']);
    if (agent.apiTypes.length === 0) return;
    const variables = how === 'global' ? agent.globalVariables?.(setup) : env;
    expect(text + JSON.stringify([args, variables ?? {}])).toContain('https://gateway.test:8443');
  });
});

describe.each(agents.map((agent) => [agent.id, agent] as const))('%s', (_, agent) => {
  test.each([
    ['linux', '/home/ada', '/home/ada/.ucode', /^\/home\/ada\//],
    ['darwin', '/Users/ada', '/Users/ada/.ucode', /^\/Users\/ada\//],
    ['win32', String.raw`C:\Users\ada`, String.raw`C:\Users\ada\.ucode`, /^C:\\Users\\ada\\[^/]+$/],
  ] as const)('its files are where they belong on %s', (platform, userHome, ucodeHome, place) => {
    for (const how of ['private', 'global'] as const) {
      const setup = setupOf(agent, how);
      const there = { ...setup, environment: { ...setup.environment, platform, home: userHome, ucodeHome } };
      const edits = how === 'global' ? agent.globalFiles(there) : agent.privateFiles(there);
      for (const { path: file } of edits) expect(file).toMatch(place);
    }
  });

  test('the newest of its preferred family is the default', () => {
    const [type] = agent.apiTypes;
    const fitting = agent.apiTypes.length === 0 || type === undefined ? [] : [model('system.ai.claude-opus-4', [type])];
    expect(agent.defaultModel(fitting)?.id).toBe(fitting[0]?.id);
  });
});
