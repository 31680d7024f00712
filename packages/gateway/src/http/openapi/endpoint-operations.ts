import { signals } from '../../otel/tables.ts';
import type { Answer, Operation, Parameter, PlacedOperation } from './document-types.ts';
import { errorAnswers } from './error-shapes.ts';
import { pathParameters } from './route-operation.ts';
import { tokenSecurity } from './security.ts';

const bytes = { schema: {} };
const anything = { schema: { type: 'object' } };

/** OTLP over HTTP (`otlp-endpoints.ts`). */
const otlp: readonly PlacedOperation[] = signals.flatMap((signal) =>
  [`/api/2.0/otel/v1/${signal}`, `/v1/${signal}`].map((path): PlacedOperation => {
    const named = path.startsWith('/api/');
    const table: Parameter = {
      name: 'X-Databricks-UC-Table-Name',
      in: 'header',
      required: named,
      description: `Table that the ${signal} go to${named ? '' : "; without it, the signal's default table"}.`,
      schema: { type: 'string' },
    };
    return {
      method: 'post',
      path,
      operation: {
        operationId: `${named ? 'exportTable' : 'export'}${signal.charAt(0).toUpperCase()}${signal.slice(1)}`,
        summary: `Takes an OTLP export request of ${signal}.`,
        tags: ['otel'],
        parameters: [table],
        requestBody: { required: true, content: { 'application/x-protobuf': bytes, 'application/json': anything } },
        responses: {
          200: {
            description: 'The rows are kept; a partial success names those that were refused.',
            content: { 'application/x-protobuf': bytes, 'application/json': anything },
          },
          ...errorAnswers('otlp', [400, 401, 403, 404, 413, 429, 503]),
        },
        security: tokenSecurity(),
      },
    };
  }),
);

/** HiveServer2 over HTTP (`thrift-endpoint.ts`). */
const thrift: readonly PlacedOperation[] = ['warehouses', 'endpoints'].map((kind) => ({
  method: 'post',
  path: `/sql/1.0/${kind}/{id}`,
  operation: {
    operationId: `callThrift${kind === 'warehouses' ? 'Warehouse' : 'Endpoint'}`,
    summary: 'Takes one message of the TCLIService in the binary protocol of Thrift, from SQL drivers.',
    tags: ['sql'],
    parameters: pathParameters(`/{id}`),
    requestBody: { required: true, content: { 'application/x-thrift': bytes } },
    responses: {
      200: { description: 'The answer, in the same protocol.', content: { 'application/x-thrift': bytes } },
      ...errorAnswers('thrift', [400, 401, 404]),
    },
    security: tokenSecurity(['sql']),
  },
}));

/** Liveness, readiness, metrics (`health.ts`). */
const operational: readonly PlacedOperation[] = [
  open('/healthz', 'getHealth', 'Says that the process lives.', { 200: ok('application/json') }),
  open('/readyz', 'getReadiness', 'Says whether requests are served, and if not, why.', {
    200: ok('application/json'),
    503: ok('application/json', 'Not ready; `reason` says why.'),
  }),
  open('/metrics', 'getMetrics', 'Shows the metrics in the format of Prometheus.', { 200: ok('text/plain') }),
];

/** What is served beside the routes with descriptions: OTLP, Thrift, the operational paths. */
export const endpointOperations: readonly PlacedOperation[] = [...otlp, ...thrift, ...operational];

function open(path: string, operationId: string, summary: string, responses: Operation['responses']): PlacedOperation {
  return { method: 'get', path, operation: { operationId, summary, tags: ['operations'], responses, security: [] } };
}

function ok(type: string, description = 'Done.'): Answer {
  return { description, content: { [type]: type === 'application/json' ? anything : { schema: { type: 'string' } } } };
}
