import path from 'node:path';
import { CatalogueCache, type Catalogue } from '../setup/catalogue-cache.ts';
import { readCatalogue } from '../setup/read-catalogue.ts';
import type { Context } from './context.ts';

/**
 * A launch does not wait for a newer catalogue than this, milliseconds: it is renewed while the agent runs, so that what
 * admins publish holds from the next launch on. After a night, it is asked for first.
 */
const NO_WAIT_MS = 12 * 60 * 60 * 1000;

/** The catalogue of a workspace: the last one that is known, renewed beside what else is done. */
export class CatalogueSource {
  readonly #context: Context;
  readonly #workspaceUrl: string;
  readonly #cache: CatalogueCache;
  /** Whether what `read` gave was not asked for just now. */
  isFromCache = false;

  constructor(context: Context, workspaceUrl: string) {
    this.#context = context;
    this.#workspaceUrl = workspaceUrl;
    this.#cache = new CatalogueCache(path.join(context.environment.ucodeHome, 'cache'));
  }

  /** The known one where it is not too old, or where there is no newer one to be had. @throws WorkspaceError, SignInNeeded */
  async read(): Promise<Catalogue> {
    const known = await this.#cache.read(this.#workspaceUrl);
    this.isFromCache = known !== undefined;
    if (known !== undefined && ageOf(known) < NO_WAIT_MS) return known;
    try {
      return await this.renew();
    } catch (error) {
      if (known === undefined) throw error;
      this.#context.terminal.debug(`The catalogue was not renewed: ${String(error)}`);
      return known;
    }
  }

  /** Asks the gateway. @throws WorkspaceError, SignInNeeded */
  async renew(): Promise<Catalogue> {
    const catalogue = await readCatalogue(await this.#context.client(this.#workspaceUrl));
    await this.#cache.write(this.#workspaceUrl, catalogue);
    this.isFromCache = false;
    return catalogue;
  }

  /** Asks the gateway, unless it was asked just now. Resolves when that is done; never rejects. */
  async renewInBackground(): Promise<void> {
    if (!this.isFromCache) return;
    await this.renew().catch((error: unknown) =>
      this.#context.terminal.debug(`The catalogue was not renewed: ${String(error)}`),
    );
  }
}

/** Milliseconds; a clock that was set back makes it old, not young. */
function ageOf({ readAt }: Catalogue): number {
  const age = Date.now() - readAt;
  return age < 0 ? Infinity : age;
}
