import type { z } from 'zod';
import { configJsonSchema, schemaAt, type JsonSchema } from './json-schema.ts';
import { nearest } from './nearest.ts';
import type { KeyPath, Report } from './problems.ts';

/** Keys of the vendor's resources that a later version will read. */
const NOT_YET = new Set([
  'inference_table',
  'service_policies',
  'forward_headers',
  'forward_query_parameters',
  'forward_unmanaged_paths',
  'pay_per_token_config',
  'provisioned_throughput_config',
]);

/** Keys that the REST API adds when it shows a resource. */
const OUTPUT_ONLY = new Set([
  'create_time',
  'created_by',
  'update_time',
  'updated_by',
  'effective_owner',
  'etag',
  'is_deleted',
  'metastore_id',
  'owner',
  'supported_api_types',
]);

/** Reports what the schema found, in words of the file: nearest key, what was expected, what it means. */
export function reportIssues(issues: readonly z.core.$ZodIssue[], prefix: KeyPath, report: Report): void {
  if (issues.length === 0) return;
  const schema = configJsonSchema();
  for (const issue of issues) {
    const path = [...prefix, ...(issue.path as (string | number)[])];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) reportUnknownKey([...path, key], Object.keys(propertiesAt(schema, path)), report);
    } else {
      const description = schemaAt(schema, path)?.description;
      const missing = isMissing(issue);
      report(path, missing ? 'is required' : sentence(messageOf(issue)), cureOf(missing, description));
    }
  }
}

/** Reports a key that nothing reads. `known` are the keys that may stand there. */
export function reportUnknownKey(path: KeyPath, known: readonly string[], report: Report): void {
  const key = String(path.at(-1));
  if (NOT_YET.has(key)) {
    report(path, 'not supported yet', `Remove '${key}'; this version of the gateway would not obey it`);
  } else if (OUTPUT_ONLY.has(key)) {
    report(path, 'only appears in answers of the REST API', `Remove '${key}'`);
  } else {
    const near = nearest(key, known);
    const keys = known.join(', ');
    report(path, 'unknown key', near === undefined ? `Use one of: ${keys}` : `Write '${near}'? Known here: ${keys}`);
  }
}

function propertiesAt(schema: JsonSchema, path: KeyPath): Record<string, JsonSchema> {
  const found = schemaAt(schema, path);
  return Object.assign({}, ...[found, ...(found?.anyOf ?? [])].map((one) => one?.properties ?? {}));
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  if (issue.code === 'invalid_union') {
    return issue.errors.length > 0 && issue.errors.every(([first]) => first?.path.length === 0 && isMissing(first));
  }
  return issue.code === 'invalid_type' && /received undefined/.test(issue.message);
}

/** A union's own message, or that of the branch that came furthest. Values never stand in messages. */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return issue.message;
  const branches = issue.errors.map((errors) => errors[0]).filter((error) => error !== undefined);
  const best = branches.find((error) => error.code !== 'invalid_type' || error.path.length > 0);
  return best ? messageOf(best) : branches.map((error) => messageOf(error)).join(' or ');
}

function sentence(message: string): string {
  return message.replace(/^Invalid (input|option): /, '').replace(/\.$/, '');
}

function cureOf(missing: boolean, description: string | undefined): string {
  const meaning = description?.replace(/\.$/, '');
  if (missing) return meaning === undefined ? 'Add the key' : `Add the key. ${meaning}`;
  return meaning === undefined ? 'Correct the value' : `Correct the value. ${meaning}`;
}
