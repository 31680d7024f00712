import { z } from 'zod';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { SecretInfo } from '../../identity/account-directory.ts';
import type { RestRoute } from '../rest-route.ts';
import { bodyOf } from './unity-requests.ts';

const path = '/api/2.0/accounts/servicePrincipals/{id}/credentials/secrets';
/** As the vendor has them unless told otherwise: two years. */
const DEFAULT_LIFETIME_SECONDS = 63_072_000;

const createBody = z.object({
  lifetime: z
    .string()
    .regex(/^[1-9]\d{0,8}s$/, { error: 'must be seconds with an s behind them, such as 86400s' })
    .optional()
    .describe(`How long it is valid, such as 86400s. Default: ${DEFAULT_LIFETIME_SECONDS}s, two years.`),
});
const secret = z.object({
  id: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  create_time: z.string(),
  update_time: z.string(),
  expire_time: z.string().optional(),
});

/** Secrets that service principals sign in with (the vendor's Service Principal Secrets API). */
export const servicePrincipalSecretRoutes: readonly RestRoute[] = [
  {
    method: 'POST',
    path,
    describe: {
      id: 'createServicePrincipalSecret',
      summary: 'Makes a secret of a service principal; its value is shown once.',
      access: 'admin',
      tag: 'servicePrincipalSecrets',
      body: createBody,
      answer: secret.extend({ secret: z.string(), secret_hash: z.string() }),
    },
    async handle(request, { directory }) {
      const { lifetime } = bodyOf(createBody, request);
      const seconds = lifetime === undefined ? DEFAULT_LIFETIME_SECONDS : Number(lifetime.slice(0, -1));
      const { secret: value, info } = await directory.createSecret(request.params['id'] ?? '', seconds);
      request.noteChange({ target: targetOf(info), after: shown(info) });
      return { status: 200, body: { ...shown(info), secret: value, secret_hash: '' } };
    },
  },
  {
    method: 'GET',
    path,
    describe: {
      id: 'listServicePrincipalSecrets',
      summary: 'Lists the secrets of a service principal, without their values.',
      access: 'admin',
      tag: 'servicePrincipalSecrets',
      answer: z.object({ secrets: z.array(secret) }),
    },
    async handle({ params }, { directory }) {
      const secrets = await directory.secrets(params['id'] ?? '');
      return { status: 200, body: { secrets: secrets.filter(({ revokedAt }) => revokedAt === null).map(shown) } };
    },
  },
  {
    method: 'DELETE',
    path: `${path}/{secret_id}`,
    describe: {
      id: 'deleteServicePrincipalSecret',
      summary: 'Revokes a secret of a service principal, at once and for good.',
      access: 'admin',
      tag: 'servicePrincipalSecrets',
    },
    async handle(request, { directory }) {
      const { id = '', secret_id: secretId = '' } = request.params;
      if (!(await directory.revokeSecret(id, secretId))) {
        throw new GatewayError('caller_not_found', `There is no secret with the id '${secretId.slice(0, 64)}'.`);
      }
      request.noteChange({ target: `service-principals/${id}/secrets/${secretId}` });
      return { status: 200, body: {} };
    },
  },
];

function shown(info: SecretInfo) {
  const expired = info.expiresAt !== null && info.expiresAt <= Date.now();
  return {
    id: info.id,
    status: expired || info.revokedAt !== null ? ('INACTIVE' as const) : ('ACTIVE' as const),
    create_time: new Date(info.createdAt).toISOString(),
    update_time: new Date(info.createdAt).toISOString(),
    ...(info.expiresAt === null ? {} : { expire_time: new Date(info.expiresAt).toISOString() }),
  };
}

function targetOf({ accountId, id }: SecretInfo): string {
  return `service-principals/${accountId}/secrets/${id}`;
}
