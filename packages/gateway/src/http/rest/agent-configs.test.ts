import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AuditChange } from '../../audit/audit-event.ts';
import { AgentConfigs } from '../../governance/agent-configs/agent-configs.ts';
import { testingDefinition } from '../../governance/agent-configs/testing-definition.ts';
import type { SpendSource } from '../../governance/budgets/spend.ts';
import { ChangeWatcher } from '../../state/live-image.ts';
import { openStore, type Store } from '../../state/store.ts';
import { agentConfigRoutes } from './agent-configs.ts';
import { bodyOf, call } from './testing-config.ts';

let directory: string;
let store: Store;
let watcher: ChangeWatcher;
let agentConfigs: AgentConfigs;
let spend: SpendSource;
let changes: AuditChange[];
beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'ucode-agent-configs-'));
  store = await openStore({ dataDirectory: directory });
  watcher = new ChangeWatcher(store);
  agentConfigs = await AgentConfigs.open(watcher, { workspaceId: () => '42' });
  spend = { spendOf: () => Promise.resolve({ currentSpend: '60', effectiveThreshold: '100' }) };
  changes = [];
});
afterEach(async () => {
  watcher.close();
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

const base = '/api/ai-gateway/v2/coding-agent-configs';

function ask(method: string, target: string, body: Record<string, unknown> = {}) {
  return call(agentConfigRoutes, target, {
    request: { method, body, noteChange: (change) => changes.push(change) },
    context: { agentConfigs, spend },
  });
}
const create = () => bodyOf(ask('POST', base, testingDefinition));
const list = async () => (await bodyOf(ask('GET', base))).coding_agent_configs;
const refusal = (code: string, message?: RegExp) =>
  expect.objectContaining({ code, ...(message ? { message: expect.stringMatching(message) as string } : {}) }) as Error;

describe('the configuration', () => {
  test('is an empty list until it is made', async () => {
    expect(await list()).toEqual([]);
  });

  test('is made once, and read as it was made', async () => {
    const made = await create();
    expect(made).toMatchObject({
      name: expect.stringMatching(/^coding-agent-configs\/[0-9a-f-]{36}$/) as string,
      workspace_id: '42',
      default_agent: 'CODING_AGENT_CLAUDE_CODE',
      created_by: 'ada@example.com',
    });
    expect(await list()).toEqual([made]);
    expect(await bodyOf(ask('GET', `/api/ai-gateway/v2/${made.name}`))).toEqual(made);
    await expect(create()).rejects.toThrow(refusal('caller_already_exists'));
  });

  test('can be sent back as it was read', async () => {
    const made = await create();
    const changed = await bodyOf(ask('PATCH', `/api/ai-gateway/v2/${made.name}?update_mask=display_name`, made));
    expect(changed).toMatchObject({ display_name: made.display_name, created_by: made.created_by });
  });

  test('is changed by mask: what the body lacks is cleared, what the mask lacks stays', async () => {
    const { name } = await create();
    const body = { name, display_name: 'Other', tracing: { table: 'ignored.not.masked' } };
    const changed = await bodyOf(ask('PATCH', `/api/ai-gateway/v2/${name}?update_mask=display_name,skills`, body));
    expect(changed).toMatchObject({ display_name: 'Other', tracing: { table: 'main.default.traces' } });
    expect(changed).not.toHaveProperty('skills');
    expect(await list()).toEqual([changed]);
  });

  test('takes the mask that ucode sends', async () => {
    const { name } = await create();
    const mask = 'display_name,default_agent,enabled_agents,mcp_servers,skills,tracing,budget_policy';
    const { tracing: _, ...body } = testingDefinition;
    const changed = await bodyOf(ask('PATCH', `/api/ai-gateway/v2/${name}?update_mask=${mask}`, { ...body, name }));
    expect(changed).not.toHaveProperty('tracing');
  });

  test('stays as it is when a change would make no sense', async () => {
    const { name } = await create();
    const before = await list();
    const target = `/api/ai-gateway/v2/${name}?update_mask=default_agent`;
    await expect(ask('PATCH', target, { name })).rejects.toThrow(refusal('caller_invalid_parameter', /default_agent/));
    await expect(ask('PATCH', `/api/ai-gateway/v2/${name}`, { name })).rejects.toThrow(
      refusal('caller_invalid_parameter', /update_mask/),
    );
    for (const mask of ['*', 'name', 'spec_version', 'display_name,', '__proto__']) {
      const masked = `/api/ai-gateway/v2/${name}?update_mask=${encodeURIComponent(mask)}`;
      await expect(ask('PATCH', masked, { name })).rejects.toThrow(refusal('caller_invalid_parameter', /update_mask/));
    }
    const other = { name: 'coding-agent-configs/other' };
    await expect(ask('PATCH', `/api/ai-gateway/v2/${name}?update_mask=skills`, other)).rejects.toThrow(
      refusal('caller_invalid_parameter', /'name'/),
    );
    expect(await list()).toEqual(before);
  });

  test('is not changed over somebody else', async () => {
    const { name, etag } = await create();
    const target = `/api/ai-gateway/v2/${name}?update_mask=display_name&etag=${etag}`;
    await ask('PATCH', target, { display_name: 'First' });
    await expect(ask('PATCH', target, { display_name: 'Second' })).rejects.toThrow(refusal('caller_etag_mismatch'));
    await expect(ask('DELETE', `/api/ai-gateway/v2/${name}?etag=${etag}`)).rejects.toThrow(
      refusal('caller_etag_mismatch'),
    );
    expect((await list())[0].display_name).toBe('First');
  });

  test('is deleted, and can then be made anew', async () => {
    const { name } = await create();
    expect(await bodyOf(ask('DELETE', `/api/ai-gateway/v2/${name}`))).toEqual({});
    expect(await list()).toEqual([]);
    await expect(ask('DELETE', `/api/ai-gateway/v2/${name}`)).rejects.toThrow(refusal('caller_not_found'));
    await expect(ask('GET', `/api/ai-gateway/v2/${name}`)).rejects.toThrow(refusal('caller_not_found'));
    expect((await create()).name).not.toBe(name);
  });

  test('tells the audit log what was changed', async () => {
    const { name } = await create();
    await ask('PATCH', `/api/ai-gateway/v2/${name}?update_mask=display_name`, { display_name: 'Other' });
    await ask('DELETE', `/api/ai-gateway/v2/${name}`);
    expect(changes).toMatchObject([
      { target: name, after: { display_name: 'Paved path' } },
      { target: name, before: { display_name: 'Paved path' }, after: { display_name: 'Other' } },
      { target: name, before: { display_name: 'Other' } },
    ]);
  });

  test('belongs to a workspace', async () => {
    const { name } = await create();
    const other = await AgentConfigs.open(watcher, { workspaceId: () => '43' });
    expect(other.current).toBeUndefined();
    await expect(other.delete(name.split('/')[1], undefined)).rejects.toThrow(refusal('caller_not_found'));
    await other.create(testingDefinition, 'eve@example.com');
    expect(agentConfigs.current?.createdBy).toBe('ada@example.com');
  });

  test('made at the same time by two gateways, one of them is refused', async () => {
    const other = await AgentConfigs.open(watcher, { workspaceId: () => '42' });
    const outcomes = await Promise.allSettled([
      agentConfigs.create(testingDefinition, 'ada@example.com'),
      other.create(testingDefinition, 'eve@example.com'),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await watcher.check();
    expect(other.current).toEqual(agentConfigs.current);
  });

  test('is written by admins and read by everyone', () => {
    const access = agentConfigRoutes.map(({ method, describe: described }) => `${method} ${described?.access}`);
    expect(access).toEqual(['GET user', 'POST admin', 'GET user', 'PATCH admin', 'DELETE admin', 'POST user']);
  });
});

describe('the recommendation', () => {
  const recommend = (body: Record<string, unknown> = {}) => bodyOf(ask('POST', `${base}:recommendModel`, body));

  test('goes by the spend of the caller', async () => {
    await create();
    const expected = {
      recommended_agent: 'CODING_AGENT_OPENCODE',
      recommended_model: 'system.ai.gpt-5',
      current_spend: '60',
      effective_threshold: '100',
    };
    expect(await recommend()).toEqual(expected);
    expect(await recommend({ available_models: [] })).toEqual(expected);
  });

  test('shows the spend without a configuration, too', async () => {
    expect(await recommend()).toEqual({ current_spend: '60', effective_threshold: '100' });
  });

  test('says nothing of a threshold where there is none', async () => {
    spend = { spendOf: () => Promise.resolve({ currentSpend: '0', effectiveThreshold: undefined }) };
    expect(await recommend()).toEqual({ current_spend: '0' });
  });

  test('never fails for want of the counts', async () => {
    await create();
    spend = { spendOf: () => Promise.reject(new Error('Redis is away')) };
    expect(await recommend()).toEqual({
      recommended_agent: 'CODING_AGENT_CLAUDE_CODE',
      recommended_model: 'system.ai.claude-opus-4-8',
    });
  });
});
