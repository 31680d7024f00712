import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { atomicWrite } from '../../files/atomic-write.ts';
import { asObject, parseObject } from '../../lib/json-object.ts';
import { systemCode } from '../../lib/system-error.ts';
import type { Definition } from './definition.ts';
import { makeDirectory } from '../../files/make-directory.ts';

/** Definitions that are not published yet, one for each workspace: `~/.ucode/drafts/`. */
export class Drafts {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** `undefined` where there is none. @throws Error where the file is damaged: it is never taken for nothing. */
  async read(workspaceUrl: string): Promise<Definition | undefined> {
    const file = this.#file(workspaceUrl);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    const definition = asObject(parseObject(text)?.['definition']);
    if (definition === undefined) throw new Error(`${file} is damaged. Delete it and run: ucode setup`);
    return definition;
  }

  async write(workspaceUrl: string, definition: Definition): Promise<void> {
    await makeDirectory(this.#directory);
    const text = JSON.stringify({ workspace: workspaceUrl, definition }, undefined, 2);
    await atomicWrite(this.#file(workspaceUrl), `${text}\n`, 0o600);
  }

  async delete(workspaceUrl: string): Promise<void> {
    await rm(this.#file(workspaceUrl), { force: true });
  }

  #file(workspaceUrl: string): string {
    return path.join(this.#directory, `${encodeURIComponent(workspaceUrl)}.json`);
  }
}
