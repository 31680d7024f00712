import { DataPoint, NO_RECORDED_VALUE, readInteger } from './data-point.ts';
import type { ExportRows } from './export-rows.ts';
import { literal } from './row-writer.ts';

const VALUE = literal(',"value":');
const point = new DataPoint();

/**
 * Row of a `NumberDataPoint` of a gauge or a sum.
 * @param open opens the struct.
 * @param close what is the same for all points of the metric, and the brace that closes the struct.
 */
export function writeNumberPoint(
  rows: ExportRows,
  range: { readonly start: number; readonly end: number },
  head: Uint8Array,
  open: Uint8Array,
  close: Uint8Array,
): void {
  const { reader } = rows;
  let value: number | undefined;
  point.clear();
  reader.over(range.start, range.end, 'NumberDataPoint');
  while (reader.next()) {
    switch (reader.field) {
      case 2:
        point.readStart(reader);
        break;
      case 3:
        point.readTime(reader);
        break;
      case 4:
        value = reader.double();
        break;
      case 5:
        reader.range();
        point.exemplars.push(reader.start, reader.stop);
        break;
      case 6:
        value = readInteger(reader);
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
  if (value === undefined && (point.flags & NO_RECORDED_VALUE) === 0)
    return rows.reject('a number data point has no value');
  point.begin(rows, head, open);
  rows.double(VALUE, value);
  point.writeExemplars(rows);
  rows.rows.raw(close);
  rows.end();
}
