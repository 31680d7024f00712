import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { StructType } from '../schema/delta-type.ts';
import type { ParquetEngine } from './engine.ts';
import { readRowsSql } from './read-rows.ts';
import { rowLines, someLines, type RowLines } from './row-lines.ts';
import { UnfitRowsError, type UnfitRow } from './unfit-rows.ts';

/** A line may be as long as a spooled record. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** A source of rows for `use`: a SELECT of all columns, and bytes per row. */
export interface RowSource {
  readonly sql: string;
  readonly rowBytes: number;
  readonly count: number;
}

/**
 * Gives `use` the rows of NDJSON as a SELECT with the columns of `schema`. What values may look like is said at
 * `readRowsSql`; in addition doubles may be the strings "NaN", "Infinity" and "-Infinity", decimals should be strings
 * (JSON numbers pass through a double), numbers with a fraction are rounded in integer columns.
 *
 * @param use must read all columns of all rows; it is called again with parts of the rows after it failed, to find
 *   the rows at fault, and then `discard` gets what it gave.
 * @throws UnfitRowsError naming every row that DuckDB does not take. Then nothing that `use` gave is kept.
 */
export async function withRows<T>(
  engine: ParquetEngine,
  schema: StructType,
  buffers: readonly Uint8Array[],
  use: (source: RowSource) => Promise<T>,
  discard: (result: T) => Promise<void>,
): Promise<T> {
  const lines = rowLines(buffers);
  try {
    return await withPart(engine, schema, lines, use);
  } catch (error) {
    if (error instanceof GatewayError) throw error;
    const test = (part: RowLines): Promise<void> => withPart(engine, schema, part, use).then(discard);
    const unfit = await findUnfit(lines, 0, test, error);
    if (unfit.length === 0) throw error;
    throw new UnfitRowsError(unfit, lines.count);
  }
}

async function withPart<T>(
  engine: ParquetEngine,
  schema: StructType,
  lines: RowLines,
  use: (source: RowSource) => Promise<T>,
): Promise<T> {
  const { count, bytes, longest } = lines;
  if (longest > MAX_LINE_BYTES) throw new Error(`a row has ${longest} bytes, more than ${MAX_LINE_BYTES}`);
  const file = path.join(engine.temporaryDirectory, `${randomUUID()}.ndjson`);
  try {
    await writeLines(file, lines).catch((error: unknown) => {
      throw new GatewayError('gateway_lake_unavailable', 'The temporary directory of the tables cannot be written.', {
        cause: error,
      });
    });
    return await use({ sql: readRowsSql(file, schema, longest), rowBytes: bytes / Math.max(1, count), count });
  } finally {
    await rm(file, { force: true });
  }
}

async function writeLines(file: string, { buffers, bytes }: RowLines): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    const { bytesWritten } = await handle.writev(buffers);
    if (bytesWritten < bytes) throw new Error(`only ${bytesWritten} of ${bytes} bytes were written`);
  } finally {
    await handle.close();
  }
}

/** Halves rows that are known to fail until the rows at fault stand alone. */
async function findUnfit(
  lines: RowLines,
  offset: number,
  test: (part: RowLines) => Promise<void>,
  failure: unknown,
): Promise<UnfitRow[]> {
  const { count } = lines;
  if (count <= 1) return [{ index: offset, reason: failure instanceof Error ? failure.message : String(failure) }];
  const middle = count >> 1;
  const found: UnfitRow[] = [];
  for (const [from, to] of [
    [0, middle],
    [middle, count],
  ] as const) {
    const part = someLines(lines, from, to);
    try {
      await test(part);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      found.push(...(await findUnfit(part, offset + from, test, error)));
    }
  }
  return found;
}
