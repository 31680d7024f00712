import type { Signal } from '../signal.ts';
import { aggregationTemporalities, severityNumbers, spanKinds, statusCodes } from './enums.ts';

/** How a field's value stands in OTLP/JSON and in protobuf. `hex` are bytes, which OTLP/JSON has in hexadecimal. */
export type FieldKind =
  | 'string'
  | 'bytes'
  | 'hex'
  | 'bool'
  | 'double'
  | 'int64'
  | 'uint64'
  | 'sfixed64'
  | 'fixed64'
  | 'uint32'
  | 'fixed32'
  | 'sint32'
  | { readonly enum: readonly string[] }
  | { readonly message: () => MessageType };

export interface FieldType {
  readonly number: number;
  readonly kind: FieldKind;
  readonly repeated: boolean;
}

/** A message of OTLP (opentelemetry-proto 1.x), as far as its fields become columns. */
export interface MessageType {
  readonly name: string;
  /** By JSON name. Names as in the .proto files, with underscores, are found as well. */
  readonly fields: ReadonlyMap<string, FieldType>;
}

type Fields = Readonly<Record<string, readonly [number: number, kind: FieldKind, repeated?: 'repeated']>>;

function message(name: string, fields: Fields): MessageType {
  const byName = new Map<string, FieldType>();
  for (const [jsonName, [number, kind, repeated]] of Object.entries(fields)) {
    const field = { number, kind, repeated: repeated !== undefined };
    byName.set(jsonName, field);
    byName.set(
      jsonName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      field,
    );
  }
  return { name, fields: byName };
}

export const anyValue: MessageType = message('AnyValue', {
  stringValue: [1, 'string'],
  boolValue: [2, 'bool'],
  intValue: [3, 'int64'],
  doubleValue: [4, 'double'],
  arrayValue: [5, { message: () => arrayValue }],
  kvlistValue: [6, { message: () => keyValueList }],
  bytesValue: [7, 'bytes'],
});
const arrayValue = message('ArrayValue', { values: [1, { message: () => anyValue }, 'repeated'] });
const keyValue = message('KeyValue', { key: [1, 'string'], value: [2, { message: () => anyValue }] });
const keyValueList = message('KeyValueList', { values: [1, { message: () => keyValue }, 'repeated'] });
const keyValues = { message: () => keyValue };

const resource = message('Resource', { attributes: [1, keyValues, 'repeated'], droppedAttributesCount: [2, 'uint32'] });
const scope = message('InstrumentationScope', {
  name: [1, 'string'],
  version: [2, 'string'],
  attributes: [3, keyValues, 'repeated'],
  droppedAttributesCount: [4, 'uint32'],
});

const exemplar = message('Exemplar', {
  filteredAttributes: [7, keyValues, 'repeated'],
  timeUnixNano: [2, 'fixed64'],
  asDouble: [3, 'double'],
  asInt: [6, 'sfixed64'],
  spanId: [4, 'hex'],
  traceId: [5, 'hex'],
});
const exemplars = { message: () => exemplar };
const times: Fields = { startTimeUnixNano: [2, 'fixed64'], timeUnixNano: [3, 'fixed64'] };
const numberDataPoint = message('NumberDataPoint', {
  ...times,
  attributes: [7, keyValues, 'repeated'],
  asDouble: [4, 'double'],
  asInt: [6, 'sfixed64'],
  exemplars: [5, exemplars, 'repeated'],
  flags: [8, 'uint32'],
});
const histogramDataPoint = message('HistogramDataPoint', {
  ...times,
  attributes: [9, keyValues, 'repeated'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  bucketCounts: [6, 'fixed64', 'repeated'],
  explicitBounds: [7, 'double', 'repeated'],
  exemplars: [8, exemplars, 'repeated'],
  flags: [10, 'uint32'],
  min: [11, 'double'],
  max: [12, 'double'],
});
const buckets = message('Buckets', { offset: [1, 'sint32'], bucketCounts: [2, 'uint64', 'repeated'] });
const exponentialHistogramDataPoint = message('ExponentialHistogramDataPoint', {
  ...times,
  attributes: [1, keyValues, 'repeated'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  scale: [6, 'sint32'],
  zeroCount: [7, 'fixed64'],
  positive: [8, { message: () => buckets }],
  negative: [9, { message: () => buckets }],
  flags: [10, 'uint32'],
  exemplars: [11, exemplars, 'repeated'],
  min: [12, 'double'],
  max: [13, 'double'],
  zeroThreshold: [14, 'double'],
});
const valueAtQuantile = message('ValueAtQuantile', { quantile: [1, 'double'], value: [2, 'double'] });
const summaryDataPoint = message('SummaryDataPoint', {
  ...times,
  attributes: [7, keyValues, 'repeated'],
  count: [4, 'fixed64'],
  sum: [5, 'double'],
  quantileValues: [6, { message: () => valueAtQuantile }, 'repeated'],
  flags: [8, 'uint32'],
});
const points = (type: MessageType): Fields => ({ dataPoints: [1, { message: () => type }, 'repeated'] });
const temporality: Fields = { aggregationTemporality: [2, { enum: aggregationTemporalities }] };
const gauge = message('Gauge', points(numberDataPoint));
const sum = message('Sum', { ...points(numberDataPoint), ...temporality, isMonotonic: [3, 'bool'] });
const histogram = message('Histogram', { ...points(histogramDataPoint), ...temporality });
const exponentialHistogram = message('ExponentialHistogram', {
  ...points(exponentialHistogramDataPoint),
  ...temporality,
});
const summary = message('Summary', points(summaryDataPoint));
const metric = message('Metric', {
  name: [1, 'string'],
  description: [2, 'string'],
  unit: [3, 'string'],
  gauge: [5, { message: () => gauge }],
  sum: [7, { message: () => sum }],
  histogram: [9, { message: () => histogram }],
  exponentialHistogram: [10, { message: () => exponentialHistogram }],
  summary: [11, { message: () => summary }],
  metadata: [12, keyValues, 'repeated'],
});

const logRecord = message('LogRecord', {
  timeUnixNano: [1, 'fixed64'],
  observedTimeUnixNano: [11, 'fixed64'],
  severityNumber: [2, { enum: severityNumbers }],
  severityText: [3, 'string'],
  body: [5, { message: () => anyValue }],
  attributes: [6, keyValues, 'repeated'],
  droppedAttributesCount: [7, 'uint32'],
  flags: [8, 'fixed32'],
  traceId: [9, 'hex'],
  spanId: [10, 'hex'],
  eventName: [12, 'string'],
});

const spanEvent = message('Event', {
  timeUnixNano: [1, 'fixed64'],
  name: [2, 'string'],
  attributes: [3, keyValues, 'repeated'],
  droppedAttributesCount: [4, 'uint32'],
});
const spanLink = message('Link', {
  traceId: [1, 'hex'],
  spanId: [2, 'hex'],
  traceState: [3, 'string'],
  attributes: [4, keyValues, 'repeated'],
  droppedAttributesCount: [5, 'uint32'],
  flags: [6, 'fixed32'],
});
const status = message('Status', { message: [2, 'string'], code: [3, { enum: statusCodes }] });
const span = message('Span', {
  traceId: [1, 'hex'],
  spanId: [2, 'hex'],
  traceState: [3, 'string'],
  parentSpanId: [4, 'hex'],
  flags: [16, 'fixed32'],
  name: [5, 'string'],
  kind: [6, { enum: spanKinds }],
  startTimeUnixNano: [7, 'fixed64'],
  endTimeUnixNano: [8, 'fixed64'],
  attributes: [9, keyValues, 'repeated'],
  droppedAttributesCount: [10, 'uint32'],
  events: [11, { message: () => spanEvent }, 'repeated'],
  droppedEventsCount: [12, 'uint32'],
  links: [13, { message: () => spanLink }, 'repeated'],
  droppedLinksCount: [14, 'uint32'],
  status: [15, { message: () => status }],
});

/** The three requests are built alike: resources, in them scopes, in them records. */
function exportRequest(name: string, levels: readonly [string, string, string], record: MessageType): MessageType {
  const [resources, scopes, records] = levels;
  const upper = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
  const inScope = message(upper(scopes), {
    scope: [1, { message: () => scope }],
    [records]: [2, { message: () => record }, 'repeated'],
    schemaUrl: [3, 'string'],
  });
  const inResource = message(upper(resources), {
    resource: [1, { message: () => resource }],
    [scopes]: [2, { message: () => inScope }, 'repeated'],
    schemaUrl: [3, 'string'],
  });
  return message(name, { [resources]: [1, { message: () => inResource }, 'repeated'] });
}

/** What the paths take. */
export const exportRequests: Readonly<Record<Signal, MessageType>> = {
  metrics: exportRequest('ExportMetricsServiceRequest', ['resourceMetrics', 'scopeMetrics', 'metrics'], metric),
  logs: exportRequest('ExportLogsServiceRequest', ['resourceLogs', 'scopeLogs', 'logRecords'], logRecord),
  traces: exportRequest('ExportTraceServiceRequest', ['resourceSpans', 'scopeSpans', 'spans'], span),
};
