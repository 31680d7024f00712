import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import { agentSettings } from '../../otel/agent-settings.ts';
import { createOtelTables, type OtelTablePlan } from '../../otel/create-tables.ts';
import type { OtelSchemaVersion, Signal } from '../../otel/signal.ts';
import { schemaVersions, signals } from '../../otel/tables.ts';
import { DEFAULT_NAMES } from '../../unity/catalog.ts';
import type { RestRoute } from '../rest-route.ts';

/** Stands where the caller's token belongs: answers never repeat it. */
const TOKEN_PLACEHOLDER = '<token>';

const NOT_EMPTY = 'must be a string that is not empty';
const SIGNAL_LIST = `must be a list of ${signals.join(', ')}`;

/** What a request may say. `null` counts as left out. */
const planBody = z.strictObject({
  catalog: name(DEFAULT_NAMES.catalog),
  schema: name(DEFAULT_NAMES.schema),
  prefix: z.string({ error: ({ input }) => (input === undefined ? 'is missing' : NOT_EMPTY) }).min(1, NOT_EMPTY),
  version: z
    .enum(schemaVersions, `must be one of ${schemaVersions.join(', ')}`)
    .nullish()
    .transform((version): OtelSchemaVersion => version ?? 'v1'),
  signals: z
    .array(z.enum(signals, SIGNAL_LIST), SIGNAL_LIST)
    .min(1, SIGNAL_LIST)
    .nullish()
    .transform((given): readonly Signal[] => signals.filter((signal) => given?.includes(signal) ?? true)),
});

/**
 * Makes the tables for OpenTelemetry in the caller's name and says how agents send to them. An addition to
 * the vendor's REST surface, where the tables are made with SQL.
 */
export const otelTableRoutes: readonly RestRoute[] = [
  {
    method: 'POST',
    path: '/api/2.0/otel/tables',
    describe: {
      id: 'createOtelTables',
      summary: 'Makes tables for OpenTelemetry and says how agents send to them.',
      access: 'user',
      tag: 'otel',
      body: planBody,
    },
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

function name(fallback: string) {
  return z
    .string(NOT_EMPTY)
    .min(1, NOT_EMPTY)
    .nullish()
    .transform((given) => given ?? fallback);
}

/** @throws GatewayError `caller_invalid_parameter`, naming the field */
function readPlan(body: Readonly<Record<string, unknown>>): OtelTablePlan {
  const { data, error } = planBody.safeParse(body);
  if (data) return data;
  const issue = error.issues[0]!;
  const isUnknown = issue.code === 'unrecognized_keys';
  const key = isUnknown ? (issue.keys[0] ?? '').slice(0, 60) : String(issue.path[0] ?? 'body');
  const what = isUnknown ? `is not known; known are ${Object.keys(planBody.shape).join(', ')}` : issue.message;
  throw new GatewayError('caller_invalid_parameter', `'${key}' ${what}.`, { param: key });
}
