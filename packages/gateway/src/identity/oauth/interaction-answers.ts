import type { IncomingMessage, ServerResponse } from 'node:http';
import { errors, type Interaction, type InteractionResults } from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { Account } from '../directory.ts';
import { registeredClientPrefix } from './clients.ts';
import { formTarget } from './redirect-policy.ts';
import { registeredClientScopes, supportedScopes } from './scopes.ts';

/** The interaction of the address, if this browser has its cookie. */
export async function findInteraction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  uid: string,
): Promise<Interaction | undefined> {
  try {
    const interaction = await provider.interactionDetails(request, response);
    return interaction.uid === uid ? interaction : undefined;
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

/** Notes who has signed in. Where the browser was somebody else's session before, that ends. */
export async function signedIn(
  provider: Provider,
  interaction: Interaction,
  account: Account,
  method: string,
  now: number,
): Promise<void> {
  const { session } = interaction;
  if (session?.uid !== undefined && session.accountId !== account.id) {
    await (await provider.Session.findByUid(session.uid))?.destroy();
    Reflect.deleteProperty(interaction, 'session');
  }
  await answer(interaction, { login: { accountId: account.id, remember: true, amr: [method] } }, now);
}

/** Notes an answer beside those given before. @param now milliseconds since 1970. */
export async function answer(interaction: Interaction, result: InteractionResults, now: number): Promise<void> {
  interaction.result = { ...interaction.lastSubmission, ...result };
  await interaction.save(secondsLeft(interaction, now));
}

/** Seconds until the interaction is over; at least one. */
export function secondsLeft(interaction: Interaction, now: number): number {
  return Math.max(1, interaction.exp - Math.floor(now / 1000));
}

/** The name of the application that asks. */
export async function clientName(provider: Provider, interaction: Interaction): Promise<string> {
  const clientId = String(interaction.params['client_id'] ?? '');
  const client = await provider.Client.find(clientId);
  return client?.clientName ?? clientId;
}

/** Scopes that the application asked for. */
export function askedScopes(interaction: Interaction): string[] {
  const { scope } = interaction.params;
  return typeof scope === 'string' ? scope.split(' ') : [];
}

/** Scopes that an application of this kind may get. */
export function allowedScopes(clientId: string): ReadonlySet<string> {
  return clientId.startsWith(registeredClientPrefix) ? registeredClientScopes : new Set(supportedScopes);
}

/** What the forms of an interaction may lead to: the application's address. */
export function targetsOf(interaction: Interaction): readonly string[] {
  const uri = interaction.params['redirect_uri'];
  const target = typeof uri === 'string' ? formTarget(uri) : undefined;
  return target === undefined ? [] : [target];
}

/** Where an answer goes, for people. */
export function shownHost(uri: string): string {
  const url = URL.parse(uri);
  if (url === null) return uri;
  return url.host === '' ? url.protocol : url.host;
}

/** The cookie that ties a sign-in at an identity provider to this browser. */
export function cookieName(uid: string): string {
  return `ucode_sso_${uid}`;
}

/** A cookie's value. */
export function cookieValue(cookies: string, name: string): string | undefined {
  for (const part of cookies.split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}

/** Sends the browser on. */
export function redirect(response: ServerResponse, to: string): void {
  response.writeHead(303, { location: to, 'content-length': '0' });
  response.end();
}
