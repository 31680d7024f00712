import { KeychainFailed } from './keychain.ts';
import type { Credential, CredentialStore } from './token.ts';

/**
 * A keychain, and a file for what it does not take. What is in the file stays there until it is deleted, so that a
 * keychain that is locked or hangs is asked once and not at every token.
 */
export class KeychainOrFile implements CredentialStore {
  readonly #keychain: CredentialStore;
  readonly #file: CredentialStore;
  #place: string;

  constructor(keychain: CredentialStore, file: CredentialStore) {
    this.#keychain = keychain;
    this.#file = file;
    this.#place = keychain.place;
  }

  /** Where the last credential was found or put. */
  get place(): string {
    return this.#place;
  }

  async get(workspaceUrl: string): Promise<Credential | undefined> {
    const inFile = await this.#file.get(workspaceUrl);
    this.#place = inFile === undefined ? this.#keychain.place : this.#file.place;
    return inFile ?? this.#keychain.get(workspaceUrl);
  }

  async set(workspaceUrl: string, credential: Credential): Promise<void> {
    if ((await this.#file.get(workspaceUrl)) === undefined) {
      try {
        await this.#keychain.set(workspaceUrl, credential);
        this.#place = this.#keychain.place;
        return;
      } catch (error) {
        if (!(error instanceof KeychainFailed)) throw error;
      }
    }
    await this.#file.set(workspaceUrl, credential);
    this.#place = this.#file.place;
  }

  async delete(workspaceUrl: string): Promise<void> {
    await this.#file.delete(workspaceUrl);
    await this.#keychain.delete(workspaceUrl);
  }
}
