import { aggregationTemporalities, enumName } from './enums.ts';
import { writeExponentialHistogramPoint } from './exponential-histogram-point.ts';
import type { ExportRows } from './export-rows.ts';
import { writeHistogramPoint } from './histogram-point.ts';
import { writeNumberPoint } from './number-point.ts';
import { literal } from './row-writer.ts';
import { writeSummaryPoint } from './summary-point.ts';

const NAME = literal(',"name":');
const DESCRIPTION = literal(',"description":');
const UNIT = literal(',"unit":');
const METADATA = literal(',"metadata":');

/** How the points of a metric's type become rows. */
interface MetricType {
  /** Name of the message, for errors. */
  readonly message: string;
  /** The column `metric_type` and the beginning of the struct of the same name. */
  readonly open: Uint8Array;
  readonly write: typeof writeNumberPoint;
  /** Whether the type says how its values add up. */
  readonly temporality: boolean;
  readonly monotonic: boolean;
}

/** By field number in `Metric`. */
const metricTypes: Readonly<Record<number, MetricType>> = {
  5: metricType('Gauge', 'gauge', writeNumberPoint),
  7: metricType('Sum', 'sum', writeNumberPoint, { temporality: true, monotonic: true }),
  9: metricType('Histogram', 'histogram', writeHistogramPoint, { temporality: true }),
  10: metricType('ExponentialHistogram', 'exponential_histogram', writeExponentialHistogramPoint, {
    temporality: true,
  }),
  11: metricType('Summary', 'summary', writeSummaryPoint),
};

function metricType(
  message: string,
  column: string,
  write: typeof writeNumberPoint,
  { temporality = false, monotonic = false } = {},
): MetricType {
  const open = literal(`,"metric_type":"${column}","${column}":{`);
  return { message, open, write, temporality, monotonic };
}

/** Rows of one `Metric`: one per data point. */
export function writeMetric(rows: ExportRows, start: number, end: number, head: Uint8Array): void {
  const { reader } = rows;
  const texts = [0, 0, 0, 0, 0, 0];
  const metadata: number[] = [];
  const data: number[] = [];
  let kind = 0;
  reader.over(start, end, 'Metric');
  while (reader.next()) {
    const { field } = reader;
    if (field >= 1 && field <= 3) {
      reader.range();
      texts[field * 2 - 2] = reader.start;
      texts[field * 2 - 1] = reader.stop;
    } else if (metricTypes[field]) {
      // Parts of one type are one message; of several types the last one counts.
      if (kind !== field) data.length = 0;
      kind = field;
      reader.range();
      data.push(reader.start, reader.stop);
    } else if (field === 12) {
      reader.range();
      metadata.push(reader.start, reader.stop);
    } else reader.skip();
  }
  const type = metricTypes[kind];
  if (type === undefined) return rows.reject('a metric has no data, or data of a type that is not known');
  const metricHead = rows.part(() => {
    rows.rows.raw(head);
    rows.text(NAME, texts[0]!, texts[1]!);
    rows.text(DESCRIPTION, texts[2]!, texts[3]!);
    rows.text(UNIT, texts[4]!, texts[5]!);
    rows.attributes(METADATA, metadata);
  });
  writePoints(rows, data, metricHead, type);
}

function writePoints(rows: ExportRows, data: readonly number[], head: Uint8Array, type: MetricType): void {
  const { reader } = rows;
  const points: number[] = [];
  let temporality = 0;
  let monotonic = false;
  for (let index = 0; index < data.length; index += 2) {
    reader.over(data[index]!, data[index + 1]!, type.message);
    while (reader.next()) {
      if (reader.field === 1) {
        reader.range();
        points.push(reader.start, reader.stop);
      } else if (reader.field === 2 && type.temporality) temporality = reader.int32();
      else if (reader.field === 3 && type.monotonic) monotonic = reader.bool();
      else reader.skip();
    }
  }
  const name = enumName(aggregationTemporalities, temporality);
  const close = literal(
    `${type.temporality ? `,"aggregation_temporality":"${name}"` : ''}${type.monotonic ? `,"is_monotonic":${monotonic}` : ''}}`,
  );
  for (let index = 0; index < points.length; index += 2)
    type.write(rows, { start: points[index]!, end: points[index + 1]! }, head, type.open, close);
}
