import type { RestRoute } from '../rest-route.ts';

/**
 * Host metadata, read without a token on nearly every call of the `databricks` CLI (workspace-contract
 * 3.1). `oidc_endpoint` is where OAuth will stand; personal access tokens work without it.
 */
export const wellKnownRoutes: readonly RestRoute[] = [
  {
    method: 'GET',
    path: '/.well-known/databricks-config',
    describe: {
      id: 'getHostMetadata',
      summary: 'Tells clients where to sign in and which workspace this is.',
      access: 'public',
      tag: 'discovery',
    },
    public: true,
    handle({ origin }, context) {
      const { workspaceId } = context.config().server;
      return {
        status: 200,
        body: { oidc_endpoint: `${origin}/oidc`, workspace_id: workspaceId, host_type: 'workspace' },
      };
    },
  },
];
