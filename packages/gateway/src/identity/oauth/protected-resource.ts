/** Where protected-resource metadata is served (RFC 9728 3); a resource's own path may follow. */
export const protectedResourcePath = '/.well-known/oauth-protected-resource';

/**
 * The metadata of a protected resource (RFC 9728 2).
 * @param resourcePath path of the resource, `/` at the start; empty for the whole gateway.
 */
export function protectedResourceMetadata(origin: string, resourcePath: string): Readonly<Record<string, unknown>> {
  return {
    resource: origin + resourcePath,
    authorization_servers: [`${origin}/oidc`],
    // Few on purpose: many clients ask for everything that stands here.
    scopes_supported: scopesOf(resourcePath),
    bearer_methods_supported: ['header'],
    resource_name: 'ucode',
  };
}

function scopesOf(resourcePath: string): readonly string[] {
  if (/^\/(api\/2\.0\/mcp|ai-gateway\/(mcp-services|skills)|mcp)(\/|$)/.test(resourcePath))
    return ['mcp', 'offline_access'];
  if (resourcePath.startsWith('/ai-gateway/')) return ['model-serving', 'offline_access'];
  if (resourcePath.startsWith('/sql/')) return ['sql', 'offline_access'];
  return ['all-apis', 'offline_access'];
}

/**
 * The `WWW-Authenticate` header of a 401, with the address of the resource's metadata (RFC 9728 5.1).
 * @param path of the request, without its query.
 */
export function bearerChallenge(origin: string, path: string): string {
  const safe = /^\/[\w.~:/-]*$/.test(path) && path !== '/' ? path : '';
  return `Bearer resource_metadata="${origin}${protectedResourcePath}${safe}"`;
}
