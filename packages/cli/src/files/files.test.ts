import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyEdits, planEdits } from './apply-edits.ts';
import { FileUnreadable, type FileEdit } from './file-edit.ts';
import type { Change } from './formats/format.ts';
import { Journal, JournalDamaged } from './journal.ts';
import { revertEntries } from './revert.ts';
import { snapshot } from './testing/snapshot.ts';

let root: string;
let home: string;
let journal: Journal;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'ucode-files-'));
  home = path.join(root, 'home');
  mkdirSync(home);
  journal = new Journal(path.join(root, 'ucode', 'journal'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Sets variables in a file. */
function edit(file: string, variables: Readonly<Record<string, string | undefined>>): FileEdit {
  const changes = Object.entries(variables).map(([name, value]): Change => [[name], value]);
  return { path: path.join(home, file), purpose: 'a test', format: 'dotenv', changes };
}

async function revertAll(owners?: readonly string[]) {
  const { entries } = await journal.entries();
  return (await revertEntries(entries, journal, owners)).map(({ outcome }) => outcome);
}

describe('writing and reverting', () => {
  test('a new file is private, and its directories are gone again', async () => {
    const before = snapshot(home);
    await applyEdits([edit('.agent/deep/settings.json', { A: '1' })], 'claude', journal);
    const file = path.join(home, '.agent/deep/settings.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    expect(await revertAll()).toEqual(['removed']);
    expect(snapshot(home)).toEqual(before);
  });

  test('a second write before the first revert does not lose what was there at first', async () => {
    writeFileSync(path.join(home, 'config'), '# mine\n', { mode: 0o644 });
    const before = snapshot(home);
    await applyEdits([edit('config', { A: '1' })], 'codex', journal);
    await applyEdits([edit('config', { B: '2' })], 'pi', journal);
    expect(readFileSync(path.join(home, 'config'), 'utf8')).toBe('# mine\nA=1\nB=2\n');
    expect(statSync(path.join(home, 'config')).mode & 0o777).toBe(0o644);
    expect(await revertAll()).toEqual(['restored']);
    expect(snapshot(home)).toEqual(before);
    expect(await journal.entries()).toEqual({ entries: [], unreadable: [] });
  });

  test('a symbolic link stays one', async () => {
    writeFileSync(path.join(home, 'real'), '# mine\n');
    symlinkSync('real', path.join(home, 'config'));
    const before = snapshot(home);
    await applyEdits([edit('config', { A: '1' })], 'codex', journal);
    expect(lstatSync(path.join(home, 'config')).isSymbolicLink()).toBe(true);
    expect(readFileSync(path.join(home, 'real'), 'utf8')).toBe('# mine\nA=1\n');
    await revertAll();
    expect(snapshot(home)).toEqual(before);
  });

  test('what the user has changed since stays, and our part goes back to what was there', async () => {
    const file = path.join(home, 'config');
    writeFileSync(file, 'A=mine # one\nB=2\n');
    await applyEdits([edit('config', { A: 'ours', C: 'ours' })], 'codex', journal);
    writeFileSync(file, readFileSync(file, 'utf8').replace('B=2', '# more\nB=3'));
    expect(await revertAll()).toEqual(['cleaned']);
    expect(readFileSync(file, 'utf8')).toBe('A=mine # one\n# more\nB=3\n');
    expect(await journal.entries()).toEqual({ entries: [], unreadable: [] });
  });

  test('of a new file that the user has added to, that stays; without it the file goes', async () => {
    for (const [added, outcome, left] of [
      ['MINE=1\n', 'cleaned', ['config']],
      ['\n\n', 'removed', []],
    ] as const) {
      await applyEdits([edit('config', { A: 'ours' })], 'codex', journal);
      writeFileSync(path.join(home, 'config'), `A=ours\n${added}`);
      expect(await revertAll()).toEqual([outcome]);
      expect(readdirSync(home)).toEqual(left);
      rmSync(path.join(home, 'config'), { force: true });
    }
  });

  test('what an edit no longer asks for goes back to what was there', async () => {
    const file = path.join(home, 'config');
    writeFileSync(file, 'A=mine\n');
    await applyEdits([edit('config', { A: 'ours', B: 'ours' })], 'codex', journal);
    await applyEdits([edit('config', { C: 'theirs' })], 'pi', journal);
    await applyEdits([edit('config', { D: 'ours' })], 'codex', journal);
    expect(readFileSync(file, 'utf8')).toBe('A=mine\nC=theirs\nD=ours\n');
  });

  test('of a file that two agents share, each part goes by itself', async () => {
    const file = path.join(home, 'config');
    writeFileSync(file, 'A=mine\n');
    await applyEdits([edit('config', { A: 'codex', B: 'codex' })], 'codex', journal);
    await applyEdits([edit('config', { C: 'pi' })], 'pi', journal);
    expect(await revertAll(['codex'])).toEqual(['cleaned']);
    expect(readFileSync(file, 'utf8')).toBe('A=mine\nC=pi\n');
    expect(await revertAll(['pi'])).toEqual(['restored']);
    expect(readFileSync(file, 'utf8')).toBe('A=mine\n');
  });

  test('a file that the user has deleted comes back only if it was there before', async () => {
    writeFileSync(path.join(home, 'old'), '# mine\n');
    await applyEdits([edit('old', { A: '1' }), edit('new', { A: '1' })], 'codex', journal);
    rmSync(path.join(home, 'old'));
    rmSync(path.join(home, 'new'));
    await revertAll();
    expect(readdirSync(home)).toEqual(['old']);
  });

  test('a run that was killed between journal and file is taken back too', async () => {
    const file = path.join(home, 'config');
    writeFileSync(file, '# mine\n');
    const before = snapshot(home);
    await applyEdits([edit('config', { A: '1' })], 'codex', journal);
    writeFileSync(file, '# mine\n');
    writeFileSync(path.join(home, '.config.0123456789ab.tmp'), '# mi');
    expect(await revertAll()).toEqual(['restored']);
    expect(snapshot(home)).toEqual(before);
  });
});

describe('entries of earlier versions', () => {
  const entryFile = (): string =>
    path.join(
      root,
      'ucode',
      'journal',
      'entries',
      String(readdirSync(path.join(root, 'ucode', 'journal', 'entries'))[0]),
    );

  beforeEach(async () => {
    writeFileSync(path.join(home, 'config'), '# mine\n');
    await applyEdits([edit('config', { A: '1' })], 'codex', journal);
    const { format: _, places, ...old } = JSON.parse(readFileSync(entryFile(), 'utf8')) as Record<string, object>;
    writeFileSync(entryFile(), JSON.stringify({ ...old, owners: Object.keys(places ?? {}) }));
  });

  test('are put back as a whole', async () => {
    expect(await revertAll(['codex'])).toEqual(['restored']);
    expect(readFileSync(path.join(home, 'config'), 'utf8')).toBe('# mine\n');
  });

  test('are left alone where the file has changed since', async () => {
    writeFileSync(path.join(home, 'config'), '# other\n');
    expect(await revertAll()).toEqual(['kept']);
  });

  test('learn of their format by the next write', async () => {
    await applyEdits([edit('config', { A: '2' })], 'codex', journal);
    expect((await journal.entries()).entries[0]).toMatchObject({ format: 'dotenv', places: { codex: [['A']] } });
  });

  test('that are damaged are named, and their files are not written again', async () => {
    writeFileSync(entryFile(), '{"path":');
    expect(await journal.entries()).toEqual({ entries: [], unreadable: [entryFile()] });
    await expect(applyEdits([edit('config', { A: '2' })], 'codex', journal)).rejects.toThrow(JournalDamaged);
    expect(readFileSync(path.join(home, 'config'), 'utf8')).toBe('# mine\nA=1\n');
  });
});

describe('refusals', () => {
  test('a file that cannot be understood stops everything before anything is written', async () => {
    writeFileSync(path.join(home, 'broken'), 'a = ');
    const broken: FileEdit = { ...edit('broken', { a: '1' }), format: 'toml' };
    await expect(applyEdits([edit('first', { A: '1' }), broken], 'codex', journal)).rejects.toThrow(FileUnreadable);
    expect(readdirSync(home)).toEqual(['broken']);
  });

  test.each([
    ['bytes that are no text', () => writeFileSync(path.join(home, 'f'), Buffer.from([0xff, 0xfe, 0x00]))],
    ['a directory', () => mkdirSync(path.join(home, 'f'))],
    ['a link to nothing', () => symlinkSync('nothing', path.join(home, 'f'))],
  ])('%s', async (_, make) => {
    make();
    const before = snapshot(home);
    await expect(applyEdits([edit('f', { A: '1' })], 'codex', journal)).rejects.toThrow(FileUnreadable);
    expect(snapshot(home)).toEqual(before);
  });

  test('a file marked read-only stays as it is, and what was written before it is put back', async () => {
    writeFileSync(path.join(home, 'a'), 'mine\n');
    writeFileSync(path.join(home, 'b'), 'mine\n');
    chmodSync(path.join(home, 'b'), 0o444);
    const before = snapshot(home);
    const edits = [edit('a', { A: '1' }), edit('new/c', { A: '1' }), edit('b', { A: '1' })];
    await expect(applyEdits(edits, 'codex', journal)).rejects.toThrow(/b cannot be written: it is marked read-only/);
    expect(snapshot(home)).toEqual(before);
  });

  test('planning writes nothing at all', async () => {
    const [plan] = await planEdits([edit('deep/new', { A: '1' })], 'codex', journal);
    expect(plan).toMatchObject({ before: undefined, after: 'A=1\n' });
    expect(readdirSync(root)).toEqual(['home']);
  });
});

test('files are reverted one agent at a time, and directories go with the last', async () => {
  await applyEdits([edit('dir/deep/a', { A: '1' })], 'codex', journal);
  await applyEdits([edit('dir/b', { A: '1' })], 'pi', journal);
  for (const owner of ['codex', 'pi']) {
    const { entries } = await journal.entries();
    const own = entries.filter(({ places }) => Object.hasOwn(places, owner));
    await revertEntries(own, journal, [owner]);
  }
  expect(readdirSync(home)).toEqual([]);
});

test('whatever is written in whatever order, reverting leaves the home as it was', { timeout: 60_000 }, async () => {
  const names = ['a', 'dir/b', 'dir/deep/c', 'link'];
  const step = fc.record({
    file: fc.constantFrom(...names),
    variables: fc.dictionary(
      fc.constantFrom('A', 'B'),
      fc.option(fc.stringMatching(/^[ -&(-~]{0,5}$/), { nil: undefined }),
    ),
    owner: fc.constantFrom('codex', 'pi'),
  });
  await fc.assert(
    fc.asyncProperty(fc.subarray(names), fc.array(step, { maxLength: 12 }), async (present, steps) => {
      rmSync(root, { recursive: true, force: true });
      mkdirSync(home, { recursive: true });
      for (const name of present) {
        if (name === 'link') {
          writeFileSync(path.join(home, 'target'), '# target');
          symlinkSync('target', path.join(home, 'link'));
          continue;
        }
        mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
        writeFileSync(path.join(home, name), `# original ${name}\nA=1`, { mode: 0o640 });
      }
      const before = snapshot(home);
      for (const { file, variables, owner } of steps) {
        const untouched = snapshot(home);
        await applyEdits([edit(file, variables)], owner, journal).catch((error: unknown) => {
          // A value that this format cannot hold beside another (a backslash at the end) is refused as a whole.
          expect(error).toBeInstanceOf(FileUnreadable);
          expect(Object.values(variables).some((value) => value?.includes('\\'))).toBe(true);
          expect(snapshot(home)).toEqual(untouched);
        });
      }
      await revertAll();
      expect(snapshot(home)).toEqual(before);
    }),
    { numRuns: 25 },
  );
});
