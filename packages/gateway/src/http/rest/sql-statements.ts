import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Principal } from '../../identity/principal.ts';
import type { StatementRequest } from '../../sql/statement.ts';
import { DEFAULT_NAMES } from '../../unity/catalog.ts';
import type { RestRequest, RestRoute } from '../rest-route.ts';
import { chunkJson, statementJson, statementsPath } from './sql-statement-json.ts';
import { requireWarehouse } from './sql-warehouses.ts';

/** What a submission may say (Statement Execution API). Unknown fields are passed over. */
const submission = z.object({
  statement: z
    .string()
    .min(1)
    .max(1024 * 1024),
  warehouse_id: z.string().min(1),
  catalog: z.string().min(1).optional(),
  schema: z.string().min(1).optional(),
  parameters: z
    .array(
      z.object({
        name: z.string().min(1),
        value: z.union([z.string(), z.null()]).optional(),
        type: z.string().min(1).optional(),
      }),
    )
    .max(10_000)
    .optional(),
  row_limit: z.coerce.number().int().min(1).optional(),
  byte_limit: z.coerce.number().int().min(1).optional(),
  wait_timeout: z
    .string()
    .regex(/^(0|[5-9]|[1-4]\d|50)s$/, { error: "must be '0s' or from '5s' to '50s'" })
    .default('10s'),
  on_wait_timeout: z.enum(['CONTINUE', 'CANCEL']).default('CONTINUE'),
  disposition: z
    .literal('INLINE', { error: 'must be INLINE: results are only given in the answer, there are no links to files' })
    .default('INLINE'),
  format: z
    .literal('JSON_ARRAY', { error: 'must be JSON_ARRAY, the only format of inline results' })
    .default('JSON_ARRAY'),
});

/** The Statement Execution API: submit, poll, page, cancel. A SQL error is a state of the statement, not of HTTP. */
export const sqlStatementRoutes: readonly RestRoute[] = [
  {
    method: 'POST',
    path: statementsPath,
    describe: {
      id: 'executeStatement',
      summary: 'Runs one SQL statement and waits for a while.',
      access: 'user',
      tag: 'sql',
      body: submission,
      reads: true,
    },
    scopes: ['sql'],
    async handle(request, { statements }) {
      const caller = callerOf(request);
      const fields = readSubmission(request.body);
      requireWarehouse(fields.warehouse_id);
      const statement = statements.submit(toStatement(fields, caller, request));
      const waitMs = Number.parseInt(fields.wait_timeout, 10) * 1000;
      await statement.wait(waitMs);
      if (waitMs > 0 && fields.on_wait_timeout === 'CANCEL') {
        statement.cancel('The statement was cancelled, since it did not end within wait_timeout.');
      }
      return { status: 200, body: statementJson(statement) };
    },
  },
  {
    method: 'GET',
    path: `${statementsPath}/{id}`,
    describe: {
      id: 'getStatement',
      summary: 'Shows the state of a statement and the first rows of its result.',
      access: 'user',
      tag: 'sql',
    },
    scopes: ['sql'],
    handle(request, { statements }) {
      return { status: 200, body: statementJson(statements.find(request.params['id'] ?? '', callerOf(request))) };
    },
  },
  {
    method: 'GET',
    path: `${statementsPath}/{id}/result/chunks/{index}`,
    describe: {
      id: 'getStatementResultChunk',
      summary: 'Shows a part of the result of a statement.',
      access: 'user',
      tag: 'sql',
    },
    scopes: ['sql'],
    handle(request, { statements }) {
      const { id = '', index = '' } = request.params;
      const { state, result } = statements.find(id, callerOf(request));
      if (!result) {
        throw new GatewayError('caller_invalid_state', `The statement is ${state}; it has no result to be fetched.`);
      }
      const chunk = /^\d{1,9}$/.test(index) ? chunkJson(id, result, Number(index)) : undefined;
      if (!chunk) {
        const message = `The result has ${result.chunks.length} chunks, counted from 0.`;
        throw new GatewayError('caller_invalid_parameter', message, { param: 'chunk_index' });
      }
      return { status: 200, body: chunk };
    },
  },
  {
    method: 'POST',
    path: `${statementsPath}/{id}/cancel`,
    describe: { id: 'cancelStatement', summary: 'Cancels a statement.', access: 'user', tag: 'sql', reads: true },
    scopes: ['sql'],
    handle(request, { statements }) {
      statements.cancel(request.params['id'] ?? '', callerOf(request));
      return { status: 200, body: {} };
    },
  },
];

type Submission = z.infer<typeof submission>;

function readSubmission(body: unknown): Submission {
  const { data, error } = submission.safeParse(body);
  if (data) return data;
  const { path, message } = error.issues[0]!;
  const field = path.join('.') || 'body';
  throw new GatewayError('caller_invalid_parameter', `${field}: ${message}`, { param: field });
}

function toStatement(
  fields: Submission,
  caller: Principal,
  { requestId, sourceIp, headers }: RestRequest,
): StatementRequest {
  const agent = headers['user-agent'];
  return {
    sql: fields.statement,
    caller,
    parameters: (fields.parameters ?? []).map(({ name, value = null, type }) => ({ name, value, type })),
    defaults: {
      catalog: fields.catalog ?? DEFAULT_NAMES.catalog,
      schema: fields.schema ?? DEFAULT_NAMES.schema,
    },
    rowLimit: fields.row_limit,
    byteLimit: fields.byte_limit,
    from: { requestId, actorType: caller.type, sourceIp, userAgent: typeof agent === 'string' ? agent : undefined },
  };
}

function callerOf({ principal }: RestRequest): Principal {
  if (!principal) throw new GatewayError('caller_unauthenticated', 'A token is required.');
  return principal;
}
