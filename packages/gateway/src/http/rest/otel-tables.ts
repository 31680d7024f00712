import { GatewayError } from '../../errors/gateway-error.ts';
import { agentSettings } from '../../otel/agent-settings.ts';
import { createOtelTables, type OtelTablePlan } from '../../otel/create-tables.ts';
import type { OtelSchemaVersion, Signal } from '../../otel/signal.ts';
import { schemaVersions, signals } from '../../otel/tables.ts';
import { DEFAULT_NAMES } from '../../unity/catalog.ts';
import type { RestRoute } from '../rest-route.ts';

/** Stands where the caller's token belongs: answers never repeat it. */
const TOKEN_PLACEHOLDER = '<token>';

/**
 * Makes the tables for OpenTelemetry in the caller's name and says how agents send to them. An addition to
 * the vendor's REST surface, where the tables are made with SQL.
 */
export const otelTableRoutes: readonly RestRoute[] = [
  {
    method: 'POST',
    path: '/api/2.0/otel/tables',
    async handle({ principal, body, origin }, { catalog }) {
      if (!principal) throw new GatewayError('caller_unauthenticated', 'A token is required.');
      const plan = readPlan(body);
      const made = await createOtelTables(catalog, plan, principal);
      const tables = Object.fromEntries(made.map(({ signal, name }) => [signal, name.join('.')]));
      return {
        status: 200,
        body: {
          tables: made.map(({ signal, name, created }) => ({
            signal,
            full_name: name.join('.'),
            schema_version: plan.version,
            created,
          })),
          agents: agentSettings({ origin, tables, token: TOKEN_PLACEHOLDER }),
        },
      };
    },
  },
];

function readPlan(body: Readonly<Record<string, unknown>>): OtelTablePlan {
  const known = ['catalog', 'schema', 'prefix', 'version', 'signals'];
  const unknown = Object.keys(body).find((key) => !known.includes(key));
  if (unknown !== undefined) throw wrong(unknown.slice(0, 60), `is not known; known are ${known.join(', ')}`);
  return {
    catalog: readText(body, 'catalog', DEFAULT_NAMES.catalog),
    schema: readText(body, 'schema', DEFAULT_NAMES.schema),
    prefix: readText(body, 'prefix'),
    version: readVersion(body['version']),
    signals: readSignals(body['signals']),
  };
}

function readText(body: Readonly<Record<string, unknown>>, key: string, fallback?: string): string {
  const value = body[key] ?? fallback;
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(key, value === undefined ? 'is missing' : 'must be a string that is not empty');
}

function readVersion(value: unknown): OtelSchemaVersion {
  const version = value ?? 'v1';
  if (schemaVersions.includes(version as OtelSchemaVersion)) return version as OtelSchemaVersion;
  throw wrong('version', `must be one of ${schemaVersions.join(', ')}`);
}

function readSignals(value: unknown): readonly Signal[] {
  if (value === undefined || value === null) return signals;
  const given: readonly unknown[] = Array.isArray(value) ? value : [];
  if (given.length > 0 && given.every((one) => signals.includes(one as Signal)))
    return signals.filter((signal) => given.includes(signal));
  throw wrong('signals', `must be a list of ${signals.join(', ')}`);
}

function wrong(key: string, what: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', `'${key}' ${what}.`, { param: key });
}
