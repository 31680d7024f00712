import { comparePositions, type SpoolPosition } from './spool-format.ts';
import type { Spool } from './spool.ts';

/**
 * Lets a spool go only as far as all of its readers are: segments are deleted once every one has them. Readers that
 * have said nothing yet hold everything.
 */
export class SharedAcknowledgement<Reader extends string> {
  readonly #spool: Pick<Spool, 'acknowledge'>;
  readonly #reached: Map<Reader, SpoolPosition | undefined>;

  constructor(spool: Pick<Spool, 'acknowledge'>, readers: readonly Reader[]) {
    this.#spool = spool;
    this.#reached = new Map(readers.map((reader) => [reader, undefined]));
  }

  /** A reader has everything before `position`. @throws as `Spool.acknowledge`. */
  async reached(reader: Reader, position: SpoolPosition): Promise<void> {
    this.#reached.set(reader, position);
    let least: SpoolPosition | undefined;
    for (const each of this.#reached.values()) {
      if (each === undefined) return;
      if (least === undefined || comparePositions(each, least) < 0) least = each;
    }
    if (least !== undefined) await this.#spool.acknowledge(least);
  }
}
