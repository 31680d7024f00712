import type { RestRoute, RouteAccess } from '../rest-route.ts';

/** A route as the matrix of routes and roles sees it. */
export interface MatrixRoute {
  readonly method: RestRoute['method'];
  readonly path: string;
  readonly access: RouteAccess;
  /** Scopes that do beside `all-apis`. */
  readonly scopes: readonly string[];
}

/**
 * Every route with who may call it.
 * @throws Error naming the routes that are public in one place and not in the other.
 */
export function routeMatrix(routes: readonly RestRoute[]): readonly MatrixRoute[] {
  const torn = routes.filter((route) => (route.describe.access === 'public') !== (route.public === true));
  if (torn.length > 0) throw new Error(`Routes that are public in one place only: ${torn.map(nameOf).join(', ')}`);
  return routes.map(({ method, path, describe, scopes = [] }) => ({ method, path, access: describe.access, scopes }));
}

function nameOf({ method, path }: RestRoute): string {
  return `${method} ${path}`;
}
