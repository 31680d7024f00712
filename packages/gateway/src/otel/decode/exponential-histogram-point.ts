import { collectElements, DataPoint, writeLongs } from './data-point.ts';
import type { ExportRows } from './export-rows.ts';
import { literal } from './row-writer.ts';
import { VARINT } from './wire-reader.ts';

const COUNT = literal(',"count":');
const SUM = literal(',"sum":');
const MIN = literal(',"min":');
const MAX = literal(',"max":');
const SCALE = literal(',"scale":');
const ZERO_COUNT = literal(',"zero_count":');
const ZERO_THRESHOLD = literal(',"zero_threshold":');
const POSITIVE = literal(',"positive_bucket":');
const NEGATIVE = literal(',"negative_bucket":');
const OFFSET = literal('{"offset":');
const BUCKET_COUNTS = literal(',"bucket_counts":[');
const point = new DataPoint();

/** Row of an `ExponentialHistogramDataPoint`; parameters as `writeNumberPoint`. */
export function writeExponentialHistogramPoint(
  rows: ExportRows,
  range: { readonly start: number; readonly end: number },
  head: Uint8Array,
  open: Uint8Array,
  close: Uint8Array,
): void {
  const { reader } = rows;
  const positive: number[] = [];
  const negative: number[] = [];
  const count = [0, 0];
  const zeroCount = [0, 0];
  let sum: number | undefined;
  let min: number | undefined;
  let max: number | undefined;
  let zeroThreshold = 0;
  let scale = 0;
  point.clear();
  reader.over(range.start, range.end, 'ExponentialHistogramDataPoint');
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        reader.range();
        point.attributes.push(reader.start, reader.stop);
        break;
      case 2:
        point.readStart(reader);
        break;
      case 3:
        point.readTime(reader);
        break;
      case 4:
      case 7: {
        const number = reader.field === 4 ? count : zeroCount;
        reader.fixed64();
        number[0] = reader.low;
        number[1] = reader.high;
        break;
      }
      case 5:
        sum = reader.double();
        break;
      case 6:
        scale = reader.sint32();
        break;
      case 8:
      case 9: {
        const buckets = reader.field === 8 ? positive : negative;
        reader.range();
        buckets.push(reader.start, reader.stop);
        break;
      }
      case 10:
        point.flags = reader.uint32();
        break;
      case 11:
        reader.range();
        point.exemplars.push(reader.start, reader.stop);
        break;
      case 12:
        min = reader.double();
        break;
      case 13:
        max = reader.double();
        break;
      case 14:
        zeroThreshold = reader.double();
        break;
      default:
        reader.skip();
    }
  }
  point.begin(rows, head, open);
  rows.long(COUNT, count[0]!, count[1]!);
  rows.double(SUM, sum);
  rows.integer(SCALE, scale);
  rows.long(ZERO_COUNT, zeroCount[0]!, zeroCount[1]!);
  writeBuckets(rows, POSITIVE, positive);
  writeBuckets(rows, NEGATIVE, negative);
  point.writeExemplars(rows);
  rows.double(MIN, min);
  rows.double(MAX, max);
  rows.double(ZERO_THRESHOLD, zeroThreshold);
  rows.rows.raw(close);
  rows.end();
}

/** The struct of one side's buckets. A message in several parts is one message. */
function writeBuckets(rows: ExportRows, name: Uint8Array, ranges: readonly number[]): void {
  rows.rows.raw(name);
  if (ranges.length === 0) return rows.rows.null();
  const { reader } = rows;
  const bucketCounts: number[] = [];
  let offset = 0;
  for (let index = 0; index < ranges.length; index += 2) {
    reader.over(ranges[index]!, ranges[index + 1]!, 'Buckets');
    while (reader.next()) {
      if (reader.field === 1) offset = reader.sint32();
      else if (reader.field === 2) collectElements(reader, VARINT, bucketCounts);
      else reader.skip();
    }
  }
  rows.integer(OFFSET, offset);
  writeLongs(rows, BUCKET_COUNTS, bucketCounts, VARINT);
  rows.rows.byte(0x7d);
}
