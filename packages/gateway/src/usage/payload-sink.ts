import { GatewayError } from '../errors/gateway-error.ts';
import type { TableRef } from '../lake/lake.ts';
import { encodePayloadRecord, type PayloadRecord } from './payload-record.ts';
import type { Spool } from './spool.ts';

/**
 * Where payload records go. Best effort: whoever appends goes on when it fails. Without a spool, or for services whose
 * table is not known (missing, dropped), nothing is kept.
 */
export class PayloadSink {
  readonly #spool: Pick<Spool, 'appendBytes'> | undefined;
  #tables: ReadonlyMap<string, TableRef> = new Map();

  constructor(spool: Pick<Spool, 'appendBytes'> | undefined) {
    this.#spool = spool;
  }

  /** Replaces the tables. @param tables by the model service's full name. */
  setTables(tables: ReadonlyMap<string, TableRef>): void {
    this.#tables = tables;
  }

  /** The payload table of a model service, or `undefined` where its bodies are not kept. */
  tableFor(serviceName: string): TableRef | undefined {
    return this.#spool === undefined ? undefined : this.#tables.get(serviceName);
  }

  /**
   * Resolves when the record is on disk.
   * @throws GatewayError `gateway_spool_full` when it is not kept; RangeError when it is too long for a record.
   */
  async append(record: PayloadRecord): Promise<void> {
    if (this.#spool === undefined) throw new GatewayError('gateway_spool_full', 'There is no spool of payloads.');
    await this.#spool.appendBytes(encodePayloadRecord(record));
  }
}
