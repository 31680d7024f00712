import { GatewayError } from '../errors/gateway-error.ts';
import type { Caller } from '../unity/caller.ts';
import type { Catalog } from '../unity/catalog.ts';
import type { OtelSchemaVersion, Signal } from './signal.ts';
import { otelProperties, otelSchema, tableSuffixes } from './tables.ts';

/** The tables of one prefix. */
export interface OtelTablePlan {
  readonly catalog: string;
  readonly schema: string;
  readonly prefix: string;
  readonly version: OtelSchemaVersion;
  readonly signals: readonly Signal[];
}

/** A table of a plan, as it then is. */
export interface OtelTableMade {
  readonly signal: Signal;
  readonly name: readonly string[];
  /** False where it was there already. */
  readonly created: boolean;
}

/**
 * Name of a plan's table: `<prefix>_otel_metrics` and so on.
 * @throws GatewayError `caller_invalid_parameter` for a prefix with other characters than ASCII letters,
 *   digits and underscores, since the name must stand in a header.
 */
export function otelTableName({ catalog, schema, prefix }: OtelTablePlan, signal: Signal): string[] {
  if (!/^\w{1,200}$/.test(prefix))
    throw new GatewayError(
      'caller_invalid_parameter',
      `The prefix '${prefix.slice(0, 60)}' is not made of ASCII letters, digits and underscores.`,
      { param: 'prefix' },
    );
  return [catalog, schema, `${prefix}_${tableSuffixes[signal]}`];
}

/**
 * Makes the tables of a plan, which then belong to the caller. Tables that are there already stay as they are.
 * @throws GatewayError as `Catalog.createTable`; tables made before the failure stay.
 */
export async function createOtelTables(
  catalog: Catalog,
  plan: OtelTablePlan,
  caller: Caller,
): Promise<OtelTableMade[]> {
  const made: OtelTableMade[] = [];
  for (const signal of plan.signals) {
    const name = otelTableName(plan, signal);
    const created = catalog.find(name) === undefined;
    await catalog.createTable(
      {
        name,
        schema: otelSchema(signal, plan.version),
        properties: otelProperties(plan.version),
        comment: `OpenTelemetry ${signal}, schema ${plan.version}.`,
        ifNotExists: true,
      },
      caller,
    );
    made.push({ signal, name, created });
  }
  return made;
}
