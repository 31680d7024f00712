import type { TableRef } from '../lake/lake.ts';
import { field, map, struct, type StructType } from '../lake/schema/delta-type.ts';
import type { BuiltInTable } from '../unity/catalog.ts';
import type { SpoolFeed } from './spool-feed.ts';

/** Columns of the vendor's audit table (audit log system table reference, schema 2.0), in that order; ours follow. */
const schema: StructType = struct(
  field('version', 'string', 'Version of the meaning of these columns.'),
  field('event_time', 'timestamp', 'When it was done or refused.'),
  field('event_date', 'date', 'Day of event_time, in UTC.'),
  field('workspace_id', 'string', 'Workspace that it was done in.'),
  field('source_ip_address', 'string', 'Address of the caller, as the gateway sees it.'),
  field('user_agent', 'string', 'User-Agent of the caller.'),
  field('session_id', 'string', 'Session of the caller, where there is one.'),
  field('user_identity', struct(field('email', 'string'), field('subject_name', 'string')), 'Who did it.'),
  field('service_name', 'string', 'API family, such as modelServices or scim.'),
  field('action_name', 'string', 'What was done or refused, such as createModelService.'),
  field('request_id', 'string', 'Id of the request; the answer and the log have it too.'),
  field('request_params', map('string', 'string'), 'What it was done to: names, target, before and after as JSON.'),
  field(
    'response',
    struct(field('status_code', 'integer'), field('error_message', 'string'), field('result', 'string')),
    'How it was answered.',
  ),
  field('audit_level', 'string', 'WORKSPACE_LEVEL.'),
  field('account_id', 'string', 'Account. One self-hosted installation is one account.'),
  field('event_id', 'string', 'Id of this row. Unique.'),
  field(
    'identity_metadata',
    struct(field('run_by', 'string'), field('run_as', 'string'), field('acting_resource', 'string')),
    'In whose name it was done.',
  ),
  field('error_code', 'string', 'Error of the gateway, of refusals and failures.'),
  field('event_count', 'long', 'Events this row stands for: more than 1 for refusals that came in a flood.'),
);

/** `system.access.audit`: one row per administrative change or refusal. Admins only, unless they grant SELECT. */
export const auditTable: BuiltInTable = {
  name: ['system', 'access', 'audit'],
  comment: 'One row per administrative change and per refusal. For admins.',
  schema,
};

/** Name of the feed of audit rows, and of their spool. */
export const AUDIT_FEED = 'audit';

/** The spool of audit rows on its way to `auditTable`. */
export function auditFeed({ directory, table }: { directory: string; table: TableRef }): SpoolFeed {
  return {
    name: AUDIT_FEED,
    directory,
    toRows: (payload) => {
      // What the spool holds is the row already; reading it proves that it is one.
      JSON.parse(payload.toString('utf8'));
      return { table, lines: payload, count: 1 };
    },
  };
}
