import { DataPoint } from './data-point.ts';
import type { ExportRows } from './export-rows.ts';
import { literal } from './row-writer.ts';

const COUNT = literal(',"count":');
const SUM = literal(',"sum":');
const QUANTILE_VALUES = literal(',"quantile_values":[');
const QUANTILE = literal('{"quantile":');
const VALUE = literal(',"value":');
const point = new DataPoint();

/** Row of a `SummaryDataPoint`; parameters as `writeNumberPoint`. */
export function writeSummaryPoint(
  rows: ExportRows,
  range: { readonly start: number; readonly end: number },
  head: Uint8Array,
  open: Uint8Array,
  close: Uint8Array,
): void {
  const { reader } = rows;
  const quantiles: number[] = [];
  let countLow = 0;
  let countHigh = 0;
  let sum = 0;
  point.clear();
  reader.over(range.start, range.end, 'SummaryDataPoint');
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
        reader.range();
        quantiles.push(reader.start, reader.stop);
        break;
      case 7:
        reader.range();
        point.attributes.push(reader.start, reader.stop);
        break;
      case 8:
        point.flags = reader.uint32();
        break;
      default:
        reader.skip();
    }
  }
  point.begin(rows, head, open);
  rows.long(COUNT, countLow, countHigh);
  rows.double(SUM, sum);
  rows.rows.raw(QUANTILE_VALUES);
  for (let index = 0; index < quantiles.length; index += 2) {
    if (index > 0) rows.rows.byte(0x2c);
    writeQuantile(rows, quantiles[index]!, quantiles[index + 1]!);
  }
  rows.rows.byte(0x5d);
  rows.rows.raw(close);
  rows.end();
}

function writeQuantile(rows: ExportRows, start: number, end: number): void {
  const { reader } = rows;
  let quantile = 0;
  let value = 0;
  reader.over(start, end, 'ValueAtQuantile');
  while (reader.next()) {
    if (reader.field === 1) quantile = reader.double();
    else if (reader.field === 2) value = reader.double();
    else reader.skip();
  }
  rows.double(QUANTILE, quantile);
  rows.double(VALUE, value);
  rows.rows.byte(0x7d);
}
