import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { atomicWrite } from '../files/atomic-write.ts';
import { parseObject } from '../lib/json-object.ts';
import type { OfferedModel } from '../workspace/models.ts';
import { makeDirectory } from '../files/make-directory.ts';

/** What a launch needs to know of a gateway, as it was last told. */
export interface Catalogue {
  /** Milliseconds since 1970. */
  readonly readAt: number;
  readonly userName: string;
  readonly models: readonly OfferedModel[];
  /** The managed configuration that admins have published, as the gateway sends it; `null`: none. */
  readonly managed: Readonly<Record<string, unknown>> | null;
  /** What the gateway recommends at this spend, as it sends it; `null`: nothing. */
  readonly recommendation: Readonly<Record<string, unknown>> | null;
}

const FORMAT = 1;

/** The last catalogue of each workspace. It can be deleted at any time. */
export class CatalogueCache {
  readonly #directory: string;

  /** @param directory `~/.ucode/cache`. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** `undefined` where there is none, or none that can be read. */
  async read(workspaceUrl: string): Promise<Catalogue | undefined> {
    try {
      const kept = parseObject(await readFile(this.#file(workspaceUrl), 'utf8'));
      return kept?.['format'] === FORMAT ? (kept['catalogue'] as Catalogue) : undefined;
    } catch {
      return undefined;
    }
  }

  async write(workspaceUrl: string, catalogue: Catalogue): Promise<void> {
    await makeDirectory(this.#directory);
    await atomicWrite(this.#file(workspaceUrl), JSON.stringify({ format: FORMAT, catalogue }), 0o600);
  }

  #file(workspaceUrl: string): string {
    return path.join(this.#directory, `${encodeURIComponent(workspaceUrl)}.json`);
  }
}
