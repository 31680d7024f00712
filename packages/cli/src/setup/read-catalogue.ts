import { asObject, asText } from '../lib/json-object.ts';
import { WorkspaceError, type WorkspaceClient } from '../workspace/client.ts';
import { readModels } from '../workspace/read-models.ts';
import type { Catalogue } from './catalogue-cache.ts';

const API = '/api/ai-gateway/v2';

/** Asks a gateway for everything a launch needs, at once. @throws WorkspaceError, SignInNeeded */
export async function readCatalogue(client: WorkspaceClient): Promise<Catalogue> {
  const readAt = Date.now();
  const [me, models, managed, recommendation] = await Promise.all([
    client.json('/api/2.0/preview/scim/v2/Me'),
    readModels(client),
    managedConfig(client),
    optional(client.json(`${API}/coding-agent-configs:recommendModel`, { method: 'POST', body: {} })),
  ]);
  return { readAt, userName: asText(me['userName']) ?? 'unknown', models, managed, recommendation };
}

/** The first configuration is the workspace's (workspace-contract 7.1). */
async function managedConfig(client: WorkspaceClient): Promise<Readonly<Record<string, unknown>> | null> {
  const answer = await optional(client.json(`${API}/coding-agent-configs`));
  const list = answer?.['coding_agent_configs'];
  return (Array.isArray(list) ? asObject(list[0]) : undefined) ?? null;
}

/** Gateways that do not have a feature say so in several ways; a launch goes on without it. */
async function optional(
  answer: Promise<Readonly<Record<string, unknown>>>,
): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof WorkspaceError && error.kind !== 'unauthenticated') return null;
    throw error;
  }
}
