import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuditLog } from '../../audit/audit-event.ts';
import type { OAuthConfig } from '../../config/oauth-settings.ts';
import { countOAuthRecords } from '../../state/oauth-repository.ts';
import type { Store } from '../../state/store.ts';
import type { ClientDirectory } from './client-directory.ts';
import type { Exchange } from './exchange.ts';
import { oauthProblem, sendOAuthJson } from './oauth-answer.ts';
import { recordOAuthEvent } from './oauth-audit.ts';
import { readRegistration, registrationAnswer } from './registration.ts';
import { readSmallBody } from './request-body.ts';
import { addressKey, Throttle } from './throttle.ts';

const HOUR_MS = 3_600_000;
const MAX_BYTES = 16 * 1024;

/** What registration needs. */
export interface RegistrationParts {
  readonly store: Store;
  readonly clients: ClientDirectory;
  readonly settings: () => OAuthConfig['registration'];
  readonly audit: AuditLog;
  readonly now: () => number;
}

/** `POST /oidc/v1/register` (RFC 7591): limited by address and in number; without a token, as MCP clients need it. */
export class RegistrationEndpoint {
  readonly #parts: RegistrationParts;
  readonly #throttle: Throttle;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
    this.#throttle = new Throttle(Number.POSITIVE_INFINITY, HOUR_MS, parts.now);
  }

  async answer(exchange: Exchange, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clients, store, audit, now } = this.#parts;
    const { enabled, maxPerHour, maxClients } = this.#parts.settings();
    const refuse = (status: number, error: string, description: string): void =>
      sendOAuthJson(response, status, oauthProblem(error, description));
    response.setHeader('access-control-allow-origin', '*');
    if (request.method === 'OPTIONS') {
      const allowed = { 'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'content-type' };
      return void response.writeHead(204, allowed).end();
    }
    if (!enabled) return refuse(404, 'invalid_request', 'registration is switched off');
    if (request.method !== 'POST') return refuse(405, 'invalid_request', 'only POST is allowed');
    const key = addressKey(exchange.sourceIp);
    const wait = this.#throttle.waitSeconds(key, maxPerHour);
    if (wait > 0) {
      response.setHeader('retry-after', String(wait));
      return refuse(429, 'temporarily_unavailable', 'Too many registrations from this address.');
    }
    this.#throttle.count(key);
    const client = readRegistration(await readJson(request), now());
    if ('error' in client) return sendOAuthJson(response, 400, client);
    if ((await countOAuthRecords(store, 'Client')) >= maxClients) {
      return refuse(503, 'temporarily_unavailable', 'Too many applications are registered.');
    }
    await clients.register(client);
    const parameters = { client_id: client.client_id, client_name: client.client_name ?? '' };
    recordOAuthEvent(audit, { action: 'registerClient', status: 201, parameters }, now());
    sendOAuthJson(response, 201, registrationAnswer(client));
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readSmallBody(request, MAX_BYTES);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
