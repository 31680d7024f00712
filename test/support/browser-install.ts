import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { npm } from '../agents/install.ts';
import { repositoryRoot } from './repository.ts';

/** Chromium inside an npm package, so that nothing but the registry is needed. The pinned version is Chromium's own. */
const CHROMIUM = { package: '@sparticuz/chromium', version: '153.0.0' } as const;

/** Variable that names another Chromium, for machines that the package has none for. */
const OWN_BROWSER = 'UCODE_TEST_CHROMIUM';

/** Chromium on this machine. */
export interface InstalledBrowser {
  readonly executable: string;
  /** Libraries and fonts that come with it, for machines that lack them. */
  readonly env: Readonly<Record<string, string>>;
}

const run = promisify(execFile);
const decompress = promisify(brotliDecompress);
let pending: Promise<InstalledBrowser> | undefined;

/** Chromium, installed now unless it already is. */
export function installBrowser(): Promise<InstalledBrowser> {
  pending ??= install();
  return pending;
}

async function install(): Promise<InstalledBrowser> {
  const own = process.env[OWN_BROWSER];
  if (own !== undefined && own !== '') return { executable: own, env: {} };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`No Chromium in npm for ${process.platform} ${process.arch}: name one in ${OWN_BROWSER}.`);
  }
  const home = path.join(repositoryRoot, '.browser', `chromium-${CHROMIUM.version}`);
  if (!existsSync(home)) {
    const partial = `${home}.partial-${process.pid}`;
    try {
      await unpack(partial);
      // Another process may have finished meanwhile: theirs serves as well.
      await rename(partial, home).catch((error: unknown) => {
        if (!existsSync(home)) throw error;
      });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  const libraries = [path.join(home, 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(path.delimiter);
  const fonts = path.join(home, 'fonts.conf');
  await writeFile(fonts, fontSettings(home));
  return { executable: path.join(home, 'chromium'), env: { LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: fonts } };
}

/** The directory only gets its final name when everything is there. */
async function unpack(directory: string): Promise<void> {
  const id = `${CHROMIUM.package}@${CHROMIUM.version}`;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await npm(directory, 'pack', id);
  const archive = (await readdir(directory)).find((file) => file.endsWith('.tgz'));
  if (archive === undefined) throw new Error(`npm pack ${id} left no archive`);
  await run('tar', ['xzf', archive], { cwd: directory });
  const packed = path.join(directory, 'package', 'bin');
  await writeFile(path.join(directory, 'chromium'), await decompress(await readFile(path.join(packed, 'chromium.br'))));
  await chmod(path.join(directory, 'chromium'), 0o755);
  for (const name of ['al2023', 'swiftshader', 'fonts']) {
    const tar = path.join(directory, `${name}.tar`);
    await writeFile(tar, await decompress(await readFile(path.join(packed, `${name}.tar.br`))));
    await run('tar', ['xf', tar], { cwd: directory });
    await rm(tar);
  }
  await rm(path.join(directory, archive));
  await rm(path.join(directory, 'package'), { recursive: true });
}

/** The fonts of the package only: pages look the same on every machine. */
function fontSettings(home: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${path.join(home, 'fonts')}</dir>
  <cachedir>${path.join(home, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}
