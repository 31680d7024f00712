import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The repository's root directory. */
export const repositoryRoot = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

const finder = (await import(pathToFileURL(path.join(repositoryRoot, 'scripts', 'node24.mjs')).href)) as {
  node24(): string;
};

/** A Node binary >= 22.15, as the product itself would choose it. */
export const nodeBinary: string = finder.node24();
