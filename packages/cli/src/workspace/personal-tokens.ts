import { asObject, asText } from '../lib/json-object.ts';
import { WorkspaceError, type WorkspaceClient } from './client.ts';

/** A personal access token that was just made. Its value is told this once. */
export interface PersonalToken {
  readonly id: string;
  readonly value: string;
  /** Milliseconds since 1970; `undefined`: it does not expire. */
  readonly expiresAt: number | undefined;
}

/** Makes a personal access token of the caller. @throws WorkspaceError, SignInNeeded */
export async function createToken(
  client: WorkspaceClient,
  { comment, lifetimeSeconds }: { readonly comment: string; readonly lifetimeSeconds: number },
): Promise<PersonalToken> {
  const body = { comment, lifetime_seconds: lifetimeSeconds };
  const answer = await client.json('/api/2.0/token/create', { method: 'POST', body });
  const info = asObject(answer['token_info']) ?? {};
  const id = asText(info['token_id']);
  const value = asText(answer['token_value']);
  if (id === undefined || value === undefined)
    throw new WorkspaceError('not-a-gateway', 'The gateway made no personal access token.');
  const expiresAt = Number(info['expiry_time']);
  return { id, value, expiresAt: expiresAt > 0 ? expiresAt : undefined };
}

/** Deletes one of the caller's tokens; one that is gone already is fine. @throws WorkspaceError, SignInNeeded */
export async function deleteToken(client: WorkspaceClient, id: string): Promise<void> {
  try {
    await client.json('/api/2.0/token/delete', { method: 'POST', body: { token_id: id } });
  } catch (error) {
    if (!(error instanceof WorkspaceError && error.kind === 'not-found')) throw error;
  }
}
