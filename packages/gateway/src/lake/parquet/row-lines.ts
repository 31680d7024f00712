const NEWLINE = 0x0a;
const NEWLINE_BYTES = Buffer.from('\n');

/** Rows as lines of NDJSON. */
export interface RowLines {
  /** Each ends with a whole line. */
  readonly buffers: readonly Buffer[];
  readonly count: number;
  /** Bytes of all lines. */
  readonly bytes: number;
  /** Bytes of the longest line, its newline included. */
  readonly longest: number;
}

/** Finds the lines. A last one without its newline counts; empty ones do not. */
export function rowLines(buffers: readonly Uint8Array[]): RowLines {
  const whole = buffers.flatMap((part) => {
    const bytes = mended(Buffer.from(part.buffer, part.byteOffset, part.length));
    return bytes.length > 0 && bytes.at(-1) !== NEWLINE ? [Buffer.concat([bytes, NEWLINE_BYTES])] : [bytes];
  });
  let count = 0;
  let bytes = 0;
  let longest = 0;
  for (const buffer of whole) {
    bytes += buffer.length;
    for (const [start, end] of linesOf(buffer)) {
      count += 1;
      longest = Math.max(longest, end - start);
    }
  }
  return { buffers: whole, count, bytes, longest };
}

/** Lines `from` to `to` of those, `to` not included. */
export function someLines({ buffers }: RowLines, from: number, to: number): RowLines {
  const all = Buffer.concat(buffers);
  const ranges = [...linesOf(all)].slice(from, to);
  return rowLines([all.subarray(ranges[0]?.[0] ?? 0, ranges.at(-1)?.[1] ?? 0)]);
}

/** Begin and end of each line that is not empty; the end lies behind the newline. */
function* linesOf(bytes: Buffer): Generator<readonly [number, number]> {
  for (let at = 0; at < bytes.length;) {
    const found = bytes.indexOf(NEWLINE, at);
    const next = found < 0 ? bytes.length : found + 1;
    if (next - at > 1 || found < 0) yield [at, next];
    at = next;
  }
}

/**
 * Escapes of half a surrogate pair, as JavaScript writes for strings cut inside a character, stand for no text: they
 * become U+FFFD, of the same length. DuckDB would refuse the whole file.
 */
function mended(bytes: Buffer): Buffer {
  if (!bytes.includes('\\u') || (!bytes.includes('\\ud') && !bytes.includes('\\uD'))) return bytes;
  const text = bytes.toString('latin1');
  const repaired = text.replace(
    /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/g,
    (escape) => (escape.length === 6 && /^\\u[dD]/.test(escape) ? '\\ufffd' : escape),
  );
  return Buffer.from(repaired, 'latin1');
}
