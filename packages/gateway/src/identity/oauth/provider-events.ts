import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-event.ts';
import type { Directory } from '../directory.ts';
import type { ClientDirectory } from './client-directory.ts';
import { recordOAuthEvent } from './oauth-audit.ts';

/** What the audit of the library's events needs. */
export interface EventParts {
  readonly audit: AuditLog;
  readonly directory: Directory;
  readonly clients: ClientDirectory;
  readonly now: () => number;
}

/** Writes what the library did into the audit log: tokens given and refused, revocations, sign-outs. Refreshes are too many. */
export function auditProvider(provider: Provider, parts: EventParts): void {
  provider.on('grant.success', (ctx) => {
    if (ctx.oidc.params?.['grant_type'] !== 'refresh_token') record(parts, ctx, 'issueToken');
  });
  provider.on('grant.error', (ctx, error) => {
    if (error.message === 'authorization_pending') return;
    record(parts, ctx, 'issueToken', { message: error.message, status: error.statusCode });
  });
  provider.on('grant.revoked', (ctx) => record(parts, ctx, 'revokeGrant'));
  provider.on('end_session.success', (ctx) => record(parts, ctx, 'logout'));
}

function record(
  { audit, directory, clients, now }: EventParts,
  ctx: KoaContextWithOIDC,
  action: string,
  refusal?: { readonly message: string; readonly status: number },
): void {
  const { client, account, entities, params } = ctx.oidc;
  const principal = client !== undefined && clients.isServicePrincipal(client.clientId) ? client.clientId : '';
  recordOAuthEvent(
    audit,
    {
      action,
      account:
        directory.byId(account?.accountId ?? entities.DeviceCode?.accountId ?? '') ?? directory.byName(principal),
      ...(refusal === undefined
        ? {}
        : { status: refusal.status, errorCode: 'caller_unauthenticated', errorMessage: refusal.message }),
      parameters: { client_id: client?.clientId ?? '', grant_type: String(params?.['grant_type'] ?? '').slice(0, 100) },
    },
    now(),
  );
}
