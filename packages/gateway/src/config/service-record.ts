import { z } from 'zod';

/** What may be granted on a service by configuration. */
export type ServicePrivilege = 'EXECUTE' | 'READ METADATA';

export interface ServiceGrant {
  /** User, group or service principal; `account users` is everyone. */
  readonly principal: string;
  readonly privileges: readonly ServicePrivilege[];
}

/** Whose a service is and where it is from; the same for model services and model provider services. */
export interface ServiceRecord {
  /** Configured services belong to `admins`. */
  readonly owner: string;
  /** Those of the configuration cannot be changed by API. */
  readonly origin: 'configuration' | 'api';
  /** What the configuration grants; grants by API and SQL are kept apart. */
  readonly grants: readonly ServiceGrant[];
  /** Milliseconds since 1970; `undefined` where the configuration declares it. */
  readonly createdAt: number | undefined;
  readonly createdBy: string | undefined;
  readonly updatedAt: number | undefined;
  readonly updatedBy: string | undefined;
  /** Changes with every change; `undefined` where the configuration declares it. */
  readonly etag: string | undefined;
}

/** Everyone may use a configured service where it does not say who may. */
const EVERYONE: readonly ServiceGrant[] = [{ principal: 'account users', privileges: ['EXECUTE'] }];

/** The record of a service that the configuration declares. */
export function declaredRecord(grants: readonly ServiceGrant[] = EVERYONE): ServiceRecord {
  return {
    owner: 'admins',
    origin: 'configuration',
    grants,
    createdAt: undefined,
    createdBy: undefined,
    updatedAt: undefined,
    updatedBy: undefined,
    etag: undefined,
  };
}

/** The key `grants` of a configured service. */
export const grantsSchema = z
  .array(
    z.strictObject({
      principal: z
        .string()
        .trim()
        .min(1)
        .max(255)
        .describe('User, group or application id of a service principal; `account users` is everyone.'),
      privileges: z
        .array(z.enum(['EXECUTE', 'READ_METADATA']))
        .min(1)
        .describe('`EXECUTE`: may call it, `READ_METADATA`: may only see it.')
        .transform((names) => names.map((name): ServicePrivilege => (name === 'EXECUTE' ? name : 'READ METADATA'))),
    }),
  )
  .max(1000)
  .optional()
  .describe(
    'Who may use the service. Default: everyone (`account users`); with an empty list only admins. `USE_CATALOG` and `USE_SCHEMA` on what it is in are needed too.',
  );
