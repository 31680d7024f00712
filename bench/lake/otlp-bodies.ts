import type { Signal } from '../../packages/gateway/src/otel/signal.ts';
import { encodeOtlp } from '../../packages/gateway/src/otel/testing/otlp-proto.ts';

/** Different bodies, sent in turn. */
const BODIES = 16;
const models = ['claude-opus-4-8', 'claude-sonnet-5', 'gpt-5-5', 'gemini-3-pro'];
const kinds = ['input', 'output', 'cacheRead', 'cacheCreation'];

interface Attribute {
  readonly key: string;
  readonly value: object;
}

const text = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } });
const whole = (key: string, value: number): Attribute => ({ key, value: { intValue: String(value) } });

/** Export requests as a coding agent sends them: `points` data points or log records each, with 15 attributes each. */
export function otlpBodies(signal: Extract<Signal, 'metrics' | 'logs'>, points: number): Buffer[] {
  return Array.from({ length: BODIES }, (_, body) =>
    encodeOtlp(signal, signal === 'metrics' ? metricsRequest(points, body) : logsRequest(points, body)),
  );
}

function metricsRequest(points: number, body: number): object {
  const names = ['claude_code.token.usage', 'claude_code.cost.usage', 'claude_code.active_time.total'];
  const metrics = names.map((name, metric) => ({
    name,
    description: 'Count of what the agent used',
    unit: 'tokens',
    sum: {
      aggregationTemporality: 1,
      isMonotonic: true,
      dataPoints: range(share(points, names.length, metric)).map((point) => ({
        attributes: attributes(body * points + point),
        startTimeUnixNano: time(body, point - 60_000),
        timeUnixNano: time(body, point),
        asDouble: point * 1.25,
      })),
    },
  }));
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope: { name: 'com.anthropic.claude_code' }, metrics }] }] };
}

function logsRequest(points: number, body: number): object {
  const logRecords = range(points).map((point) => ({
    timeUnixNano: time(body, point),
    observedTimeUnixNano: time(body, point),
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: 'claude_code.api_request' },
    attributes: attributes(body * points + point),
    eventName: 'api_request',
  }));
  return {
    resourceLogs: [{ resource, scopeLogs: [{ scope: { name: 'com.anthropic.claude_code.events' }, logRecords }] }],
  };
}

const resource = {
  attributes: [
    text('service.name', 'claude-code'),
    text('service.version', '2.1.330'),
    text('os.type', 'linux'),
    text('host.arch', 'amd64'),
  ],
};

/** Fifteen, as Claude Code names them. */
function attributes(number: number): Attribute[] {
  const hex = (seed: number): string => (Math.imul(seed + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  const session = number % 500;
  return [
    text('user.id', `${hex(session)}${hex(session + 7)}${hex(session + 13)}${hex(session + 17)}`),
    text('session.id', `${hex(session)}-4f1c-4a7e-9f2b-${hex(session + 1)}c0de`),
    text('organization.id', 'b7a9fa4e-6a30-4a53-8a6b-0f9a1f5f2f10'),
    text('user.email', `user${session}@example.com`),
    text('user.account_uuid', `${hex(session + 3)}-0c55-4b1e-8f4f-${hex(session + 5)}beef`),
    text('terminal.type', 'vscode'),
    text('app.version', '2.1.330'),
    text('type', kinds[number % kinds.length]!),
    text('model', models[number % models.length]!),
    text('query_source', 'main'),
    text('effort', 'high'),
    whole('input_tokens', number % 5000),
    whole('output_tokens', number % 700),
    whole('duration_ms', (number * 37) % 20_000),
    text('request_id', `req_${hex(number)}${hex(number + 11)}`),
  ];
}

/** Nanoseconds since 1970. */
function time(body: number, milliseconds: number): string {
  return `${1_795_000_000_000 + body * 1000 + milliseconds}000000`;
}

function share(points: number, parts: number, part: number): number {
  return Math.floor((points * (part + 1)) / parts) - Math.floor((points * part) / parts);
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
