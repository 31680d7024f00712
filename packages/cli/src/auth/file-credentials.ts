import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { atomicWrite } from '../files/atomic-write.ts';
import { withFileLock } from '../files/file-lock.ts';
import { asObject, parseObject } from '../lib/json-object.ts';
import { systemCode } from '../lib/system-error.ts';
import { credentialOf, type Credential, type CredentialStore } from './token.ts';
import { makeDirectory } from '../files/make-directory.ts';

const LOCK_TIMEOUT_MS = 10_000;

/** Credentials in a file that only its owner can read: where there is no keychain. */
export class FileCredentials implements CredentialStore {
  readonly place: string;

  /** @param file `~/.ucode/credentials.json`. */
  constructor(file: string) {
    this.place = file;
  }

  async get(workspaceUrl: string): Promise<Credential | undefined> {
    const kept = (await this.#read())[workspaceUrl];
    const credential = credentialOf(kept);
    if (kept !== undefined && credential === undefined) throw this.#damaged();
    return credential;
  }

  set(workspaceUrl: string, credential: Credential): Promise<void> {
    return this.#change((all) => ({ ...all, [workspaceUrl]: credential }));
  }

  delete(workspaceUrl: string): Promise<void> {
    return this.#change(({ [workspaceUrl]: _, ...others }) => others);
  }

  async #change(change: (all: Record<string, Credential>) => Record<string, Credential>): Promise<void> {
    await makeDirectory(path.dirname(this.place));
    await withFileLock(`${this.place}.lock`, LOCK_TIMEOUT_MS, async () => {
      const all = change(await this.#read());
      if (Object.keys(all).length === 0) return rm(this.place, { force: true });
      await atomicWrite(this.place, `${JSON.stringify(all, undefined, 2)}\n`, 0o600);
    });
  }

  /** @throws Error where the file cannot be read or understood: it is never taken for empty. */
  async #read(): Promise<Record<string, Credential>> {
    let text: string;
    try {
      text = await readFile(this.place, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return {};
      throw error;
    }
    const all = asObject(parseObject(text));
    if (all === undefined) throw this.#damaged();
    return all as Record<string, Credential>;
  }

  #damaged(): Error {
    return new Error(`${this.place} is damaged. Delete it and sign in again.`);
  }
}
