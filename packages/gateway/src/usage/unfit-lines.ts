import type { UnfitRowsError } from '../lake/parquet/unfit-rows.ts';
import type { LoadRecord } from './load-batch.ts';

const NEWLINE = 0x0a;

/** Records parted into what a table takes and what it does not. Records that are left without rows are left out. */
export interface PartedRecords {
  readonly fit: readonly LoadRecord[];
  readonly unfit: readonly LoadRecord[];
}

/** Parts records by what an append of all their lines, in order, said of them. */
export function partRecords(records: readonly LoadRecord[], { rows }: UnfitRowsError): PartedRecords {
  const indexes = new Set(rows.map(({ index }) => index));
  const fit: LoadRecord[] = [];
  const unfit: LoadRecord[] = [];
  let index = 0;
  for (const { version, lines } of records) {
    const good: Uint8Array[] = [];
    const bad: Uint8Array[] = [];
    for (const line of linesOf(lines)) (indexes.has(index++) ? bad : good).push(line);
    if (good.length > 0) fit.push({ version, lines: Buffer.concat(good), count: good.length });
    if (bad.length > 0) unfit.push({ version, lines: Buffer.concat(bad), count: bad.length });
  }
  return { fit, unfit };
}

/** Why each row does not fit. Quotes values of the rows: for the file that holds them, not for the log. */
export function unfitReasons({ message, rows }: UnfitRowsError): string {
  return [message, ...rows.slice(0, 10).map(({ index, reason }) => `${index}: ${reason}`)].join('\n');
}

/** Lines as the lake counts them: empty ones are none, and a last one may lack its newline. */
function* linesOf(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, at);
    const next = end < 0 ? bytes.length : end + 1;
    if (end < 0) yield Buffer.concat([bytes.subarray(at), Buffer.from('\n')]);
    else if (next - at > 1) yield bytes.subarray(at, next);
    at = next;
  }
}
