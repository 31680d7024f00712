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
import { Journal } from './journal.ts';
import { revertEntries } from './revert.ts';

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

function edit(file: string, change: FileEdit['change']): FileEdit {
  return { path: path.join(home, file), purpose: 'a test', change };
}

const append = (line: string) => (text: string | undefined) => `${text ?? ''}${line}\n`;

async function revertAll(clean: (file: string, text: string) => string | undefined = () => undefined) {
  const { entries } = await journal.entries();
  return (await revertEntries(entries, journal, clean)).map(({ outcome }) => outcome);
}

/** Every path below a directory with what it is, to compare homes to the byte. */
function snapshot(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(directory, name);
    const { mode } = lstatSync(file);
    const content = lstatSync(file).isFile() ? readFileSync(file).toString('hex') : '';
    found[name] = `${(mode & 0o170777).toString(8)} ${content}`;
  }
  return found;
}

describe('writing and reverting', () => {
  test('a new file is private, and its directories are gone again', async () => {
    const before = snapshot(home);
    await applyEdits([edit('.agent/deep/settings.json', () => '{}\n')], 'claude', journal);
    const file = path.join(home, '.agent/deep/settings.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(file)).mode & 0o777).toBe(0o700);
    expect(await revertAll()).toEqual(['removed']);
    expect(snapshot(home)).toEqual(before);
  });

  test('a second write before the first revert does not lose what was there at first', async () => {
    writeFileSync(path.join(home, 'config'), 'mine\n', { mode: 0o644 });
    const before = snapshot(home);
    await applyEdits([edit('config', append('one'))], 'codex', journal);
    await applyEdits([edit('config', append('two'))], 'pi', journal);
    expect(readFileSync(path.join(home, 'config'), 'utf8')).toBe('mine\none\ntwo\n');
    expect(statSync(path.join(home, 'config')).mode & 0o777).toBe(0o644);
    expect(await revertAll()).toEqual(['restored']);
    expect(snapshot(home)).toEqual(before);
    expect(await journal.entries()).toEqual({ entries: [], unreadable: [] });
  });

  test('a symbolic link stays one', async () => {
    writeFileSync(path.join(home, 'real'), 'mine\n');
    symlinkSync('real', path.join(home, 'config'));
    const before = snapshot(home);
    await applyEdits([edit('config', append('one'))], 'codex', journal);
    expect(lstatSync(path.join(home, 'config')).isSymbolicLink()).toBe(true);
    expect(readFileSync(path.join(home, 'real'), 'utf8')).toBe('mine\none\n');
    await revertAll();
    expect(snapshot(home)).toEqual(before);
  });

  test('what the user has changed since is theirs: our part is taken out where that is known', async () => {
    writeFileSync(path.join(home, 'config'), 'mine\n');
    await applyEdits([edit('config', append('ours'))], 'codex', journal);
    writeFileSync(path.join(home, 'config'), 'mine\nours\nmine too\n');
    expect(await revertAll()).toEqual(['kept']);
    expect(await revertAll((_, text) => text.replace('ours\n', ''))).toEqual(['cleaned']);
    expect(readFileSync(path.join(home, 'config'), 'utf8')).toBe('mine\nmine too\n');
  });

  test('a file that the user has deleted comes back only if it was there before', async () => {
    writeFileSync(path.join(home, 'old'), 'mine\n');
    await applyEdits([edit('old', append('x')), edit('new', append('x'))], 'codex', journal);
    rmSync(path.join(home, 'old'));
    rmSync(path.join(home, 'new'));
    await revertAll();
    expect(readdirSync(home)).toEqual(['old']);
  });

  test('a run that was killed between journal and file is taken back too', async () => {
    writeFileSync(path.join(home, 'config'), 'mine\n');
    const entry = {
      path: path.join(home, 'config'),
      owners: ['codex'],
      original: { kind: 'file' as const, digest: 'never', mode: 0o644 },
      madeDirectories: [],
      written: [],
    };
    await applyEdits([edit('config', append('x'))], 'codex', journal);
    const [known = entry] = (await journal.entries()).entries;
    await revertAll();
    await journal.begin(known, Buffer.from('mine\n'));
    expect(await revertAll()).toEqual(['restored']);
    expect(readFileSync(path.join(home, 'config'), 'utf8')).toBe('mine\n');
  });
});

describe('refusals', () => {
  test('a file that cannot be understood stops everything before anything is written', async () => {
    const broken = edit('broken', () => {
      throw new FileUnreadable('broken', 'no TOML');
    });
    await expect(applyEdits([edit('first', append('x')), broken], 'codex', journal)).rejects.toThrow(FileUnreadable);
    expect(readdirSync(home)).toEqual([]);
  });

  test.each([
    ['bytes that are no text', () => writeFileSync(path.join(home, 'f'), Buffer.from([0xff, 0xfe, 0x00]))],
    ['a directory', () => mkdirSync(path.join(home, 'f'))],
    ['a link to nothing', () => symlinkSync('nothing', path.join(home, 'f'))],
  ])('%s', async (_, make) => {
    make();
    const before = snapshot(home);
    await expect(applyEdits([edit('f', append('x'))], 'codex', journal)).rejects.toThrow(FileUnreadable);
    expect(snapshot(home)).toEqual(before);
  });

  test('a file marked read-only stays as it is, and what was written before it is put back', async () => {
    writeFileSync(path.join(home, 'a'), 'mine\n');
    writeFileSync(path.join(home, 'b'), 'mine\n');
    chmodSync(path.join(home, 'b'), 0o444);
    const before = snapshot(home);
    const edits = [edit('a', append('x')), edit('b', append('x'))];
    await expect(applyEdits(edits, 'codex', journal)).rejects.toThrow(/b cannot be written: it is marked read-only/);
    expect(snapshot(home)).toEqual(before);
  });

  test('planning writes nothing at all', async () => {
    const [plan] = await planEdits([edit('deep/new', append('x'))]);
    expect(plan).toMatchObject({ before: undefined, after: 'x\n' });
    expect(readdirSync(root)).toEqual(['home']);
  });
});

test('files are reverted one agent at a time, and directories go with the last', async () => {
  await applyEdits([edit('dir/deep/a', append('x'))], 'codex', journal);
  await applyEdits([edit('dir/b', append('x'))], 'pi', journal);
  for (const owner of ['codex', 'pi']) {
    const { entries } = await journal.entries();
    await revertEntries(
      entries.filter(({ owners }) => owners.includes(owner)),
      journal,
      () => undefined,
    );
  }
  expect(readdirSync(home)).toEqual([]);
});

test('whatever is written in whatever order, reverting leaves the home as it was', { timeout: 60_000 }, async () => {
  const names = ['a', 'dir/b', 'dir/deep/c', 'link'];
  const step = fc.record({
    file: fc.constantFrom(...names),
    text: fc.option(fc.string({ maxLength: 5, unit: 'grapheme' }), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(fc.subarray(names), fc.array(step, { maxLength: 12 }), async (present, steps) => {
      rmSync(root, { recursive: true, force: true });
      mkdirSync(home, { recursive: true });
      for (const name of present) {
        if (name === 'link') {
          writeFileSync(path.join(home, 'target'), 'target');
          symlinkSync('target', path.join(home, 'link'));
          continue;
        }
        mkdirSync(path.dirname(path.join(home, name)), { recursive: true });
        writeFileSync(path.join(home, name), `original ${name}`, { mode: 0o640 });
      }
      const before = snapshot(home);
      for (const { file, text } of steps) {
        // A removed link is not made again; links are only ever written through.
        if (file === 'link' && text === undefined) continue;
        await applyEdits([edit(file, () => text)], 'codex', journal);
      }
      await revertAll();
      expect(snapshot(home)).toEqual(before);
    }),
    { numRuns: 25 },
  );
});
