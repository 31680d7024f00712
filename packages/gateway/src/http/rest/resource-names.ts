import { GatewayError } from '../../errors/gateway-error.ts';

/** The schema of the models that the vendor hosts, and of what we register without being told. */
const systemSchema = 'system.ai';

/** Leaf of a three-level name: `fast` of `main.team.fast`. */
export function leafOf(name: string): string {
  return name.split('.').slice(2).join('.');
}

/** `main.team` of `main.team.fast`. */
export function schemaOf(name: string): string {
  return name.split('.', 2).join('.');
}

/** Whether a service stands in `system.ai`, so that it has the short spellings too. */
export function isSystemService(name: string): boolean {
  return schemaOf(name) === systemSchema;
}

/** The vendor's older endpoint spelling: `databricks-<leaf>` in `system.ai`, else the full name. */
export function endpointName(name: string): string {
  return isSystemService(name) ? `databricks-${leafOf(name)}` : name;
}

/** A 404 with the name cut to a length and cleaned for a message. */
export function notFound(kind: string, name: string): GatewayError {
  return new GatewayError(
    'caller_not_found',
    `${kind} '${name.slice(0, 120).replace(/\p{Cc}/gu, '?')}' does not exist.`,
  );
}
