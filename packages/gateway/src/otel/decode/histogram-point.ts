import { collectElements, DataPoint, writeDoubles, writeLongs } from './data-point.ts';
import type { ExportRows } from './export-rows.ts';
import { literal } from './row-writer.ts';
import { FIXED64 } from './wire-reader.ts';

const COUNT = literal(',"count":');
const SUM = literal(',"sum":');
const MIN = literal(',"min":');
const MAX = literal(',"max":');
const BUCKET_COUNTS = literal(',"bucket_counts":[');
const EXPLICIT_BOUNDS = literal(',"explicit_bounds":[');
const point = new DataPoint();

/** Row of a `HistogramDataPoint`; parameters as `writeNumberPoint`. */
export function writeHistogramPoint(
  rows: ExportRows,
  range: { readonly start: number; readonly end: number },
  head: Uint8Array,
  open: Uint8Array,
  close: Uint8Array,
): void {
  const { reader } = rows;
  const bucketCounts: number[] = [];
  const explicitBounds: number[] = [];
  let countLow = 0;
  let countHigh = 0;
  let sum: number | undefined;
  let min: number | undefined;
  let max: number | undefined;
  point.clear();
  reader.over(range.start, range.end, 'HistogramDataPoint');
  while (reader.next()) {
    switch (reader.field) {
      case 2:
        point.readStart(reader);
        break;
      case 3:
        point.readTime(reader);
        break;
      case 4:
        reader.fixed64();
        countLow = reader.low;
        countHigh = reader.high;
        break;
      case 5:
        sum = reader.double();
        break;
      case 6:
        collectElements(reader, FIXED64, bucketCounts);
        break;
      case 7:
        collectElements(reader, FIXED64, explicitBounds);
        break;
      case 8:
        reader.range();
        point.exemplars.push(reader.start, reader.stop);
        break;
      case 9:
        reader.range();
        point.attributes.push(reader.start, reader.stop);
        break;
      case 10:
        point.flags = reader.uint32();
        break;
      case 11:
        min = reader.double();
        break;
      case 12:
        max = reader.double();
        break;
      default:
        reader.skip();
    }
  }
  point.begin(rows, head, open);
  rows.long(COUNT, countLow, countHigh);
  rows.double(SUM, sum);
  writeLongs(rows, BUCKET_COUNTS, bucketCounts, FIXED64);
  writeDoubles(rows, EXPLICIT_BOUNDS, explicitBounds);
  point.writeExemplars(rows);
  rows.double(MIN, min);
  rows.double(MAX, max);
  rows.rows.raw(close);
  rows.end();
}
