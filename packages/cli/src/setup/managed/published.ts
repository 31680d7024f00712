import { asObject, asText } from '../../lib/json-object.ts';
import { WorkspaceError, type WorkspaceClient } from '../../workspace/client.ts';
import type { TierBudget } from './check.ts';
import { listOf, publishable, publishedFields, type Definition } from './definition.ts';

const API = '/api/ai-gateway/v2';
const CONFIGS = `${API}/coding-agent-configs`;

/** What is published: the definition, and its name for changes. */
export interface Published {
  /** `coding-agent-configs/ID`. */
  readonly name: string;
  readonly definition: Definition;
}

/** The workspace's definition, the first of the list (workspace-contract 7.1); `undefined` where there is none. @throws WorkspaceError */
export async function readPublished(client: WorkspaceClient): Promise<Published | undefined> {
  let answer: Readonly<Record<string, unknown>>;
  try {
    answer = await client.json(CONFIGS);
  } catch (error) {
    if (error instanceof WorkspaceError && error.kind === 'not-found') return undefined;
    throw explained(error);
  }
  const definition = listOf(answer['coding_agent_configs'])[0];
  const name = asText(definition?.['name']);
  return definition === undefined || name === undefined ? undefined : { name, definition };
}

/** Creates or changes what is published; nothing but the fields of the mask is touched. @throws WorkspaceError */
export async function publish(
  client: WorkspaceClient,
  published: Published | undefined,
  definition: Definition,
): Promise<void> {
  const body = publishable(definition);
  try {
    if (published === undefined) await client.json(CONFIGS, { method: 'POST', body });
    else
      await client.json(`${API}/${published.name}`, {
        method: 'PATCH',
        query: { update_mask: publishedFields.join(',') },
        body: { name: published.name, ...body },
      });
  } catch (error) {
    throw explained(error);
  }
}

/** @throws WorkspaceError */
export async function unpublish(client: WorkspaceClient, { name }: Published): Promise<void> {
  try {
    await client.json(`${API}/${name}`, { method: 'DELETE' });
  } catch (error) {
    throw explained(error);
  }
}

/** Budgets whose alerts block each user at a threshold of its own: what tiers are measured by (workspace-contract 7.4). */
export async function readTierBudgets(client: WorkspaceClient): Promise<TierBudget[]> {
  const answer = await client.json(`${API}/workspace-metrics/budgets`);
  return listOf(answer['workspace_ai_gateway_budgets']).flatMap((budget) => {
    const alert = listOf(budget['alert_configurations']).find(
      (one) =>
        one['scope_type'] === 'ALERT_CONFIGURATION_SCOPE_TYPE_PER_USER' &&
        listOf(one['action_configurations']).some((action) => action['action_type'] === 'BLOCK_USAGE'),
    );
    const id = asText(budget['budget_configuration_id']);
    if (alert === undefined || id === undefined) return [];
    return {
      id,
      name: asText(budget['display_name']) ?? id,
      threshold: asText(alert['quantity_threshold']) ?? String(alert['quantity_threshold'] ?? ''),
    };
  });
}

/** Whether the caller is in the group `admins` (workspace-contract 4). */
export async function isAdmin(client: WorkspaceClient): Promise<boolean> {
  const me = await client.json('/api/2.0/preview/scim/v2/Me', { timeoutMs: 10_000 });
  const groups: readonly unknown[] = Array.isArray(me['groups']) ? me['groups'] : [];
  return groups.some((group) => asObject(group)?.['display'] === 'admins');
}

/** The codes that the contract names (7.2), in words. */
function explained(error: unknown): unknown {
  if (!(error instanceof WorkspaceError)) return error;
  const what = {
    FEATURE_DISABLED: 'Managed configuration is switched off in this workspace.',
    ALREADY_EXISTS: 'Somebody else has published a configuration meanwhile. Look at it with: ucode setup show',
    PERMISSION_DENIED: 'Only admins may publish what agents are set up with.',
  }[error.code ?? (error.kind === 'forbidden' ? 'PERMISSION_DENIED' : '')];
  if (what === undefined) return error;
  return new WorkspaceError(error.kind, what, {
    ...(error.status === undefined ? {} : { status: error.status }),
    ...(error.code === undefined ? {} : { code: error.code }),
    cause: error,
  });
}
