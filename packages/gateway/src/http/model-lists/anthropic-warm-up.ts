import type { RestRoute } from '../rest-route.ts';

/**
 * Claude Code warms its connection up with a `HEAD` on these, without credentials, and wants nothing
 * but an answer (agents 1.8).
 */
export const anthropicWarmUpRoutes: readonly RestRoute[] = [
  '/ai-gateway/anthropic',
  '/ai-gateway/anthropic/api/hello',
].map((path) => ({
  method: 'GET',
  path,
  describe: {
    id: path.endsWith('hello') ? 'anthropicHello' : 'anthropicRoot',
    summary: 'Answers nothing, for connections that are warmed up.',
    access: 'public',
    tag: 'models',
  },
  public: true,
  dialect: 'anthropic-messages',
  handle: () => ({ status: 200, body: undefined }),
}));
