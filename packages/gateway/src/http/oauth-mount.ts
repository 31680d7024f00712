import type { IncomingMessage, ServerResponse } from 'node:http';
import type { OAuthServer } from '../identity/oauth/oauth-server.ts';
import {
  bearerChallenge,
  protectedResourceMetadata,
  protectedResourcePath,
} from '../identity/oauth/protected-resource.ts';
import { requestPath } from './request-path.ts';

/** Discovery documents in the form of RFC 8414 3: the issuer's path comes after the name of the document. */
const discoveryAliases: Readonly<Record<string, string>> = {
  '/.well-known/oauth-authorization-server/oidc': '/oidc/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration/oidc': '/oidc/.well-known/openid-configuration',
  // Clients that look at the origin only.
  '/.well-known/oauth-authorization-server': '/oidc/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration': '/oidc/.well-known/openid-configuration',
};

/** What the listener hands to the OAuth server. No token is asked for. */
export interface OAuthMount {
  readonly prefix: '/oidc/';
  /** Whether a path, without its query, belongs here. */
  accepts(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse, requestId: string, sourceIp: string): Promise<void>;
  /** `WWW-Authenticate` for a 401 of an API that MCP clients and agents call (RFC 9728 5.1). */
  challenge(request: IncomingMessage): string;
}

/** Everything below `/oidc/`, and the documents that lead there. */
export function oauthMount(server: OAuthServer): OAuthMount {
  return {
    prefix: '/oidc/',
    accepts: (path) =>
      path.startsWith('/oidc/') ||
      Object.hasOwn(discoveryAliases, path) ||
      path === protectedResourcePath ||
      path.startsWith(`${protectedResourcePath}/`),
    async handle(request, response, requestId, sourceIp) {
      const path = pathOf(request);
      if (path.startsWith(protectedResourcePath)) return sendResource(server, request, response, path);
      await server.handle(request, response, requestId, sourceIp, discoveryAliases[path] ?? request.url);
    },
    challenge: (request) => bearerChallenge(server.originOf(request.headers), pathOf(request)),
  };
}

function pathOf(request: IncomingMessage): string {
  return requestPath(request.url) ?? '/';
}

function sendResource(server: OAuthServer, request: IncomingMessage, response: ServerResponse, path: string): void {
  const resourcePath = path.slice(protectedResourcePath.length);
  const safe = /^(\/[\w.~:-]+)*\/?$/.test(resourcePath) && resourcePath.length <= 512;
  const isRead = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
  const status = !isRead ? 405 : safe ? 200 : 404;
  const origin = server.originOf(request.headers);
  const body =
    status === 200
      ? JSON.stringify(protectedResourceMetadata(origin, resourcePath))
      : JSON.stringify({ error: 'invalid_request', error_description: 'There is no such document.' });
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'access-control-allow-origin': '*',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
