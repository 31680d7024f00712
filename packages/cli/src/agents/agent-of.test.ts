import { expect, it } from 'vitest';
import { agentOf } from './agent-of.ts';
import { agentIds } from './registry.ts';
import { userAgent } from './user-agent.ts';

it.each(agentIds)('%s is known by what it says when it is started', (id) => {
  expect(agentOf(userAgent(id, { agentVersion: '1.2.3' }))).toBe(id);
});

it.each([
  ['claude-cli/2.1.197 (external, cli)', 'claude'],
  ['claude-code', 'claude'],
  ['codex_cli_rs/0.169.0 (Debian 12)', 'codex'],
  ['codex_exec/0.169.0', 'codex'],
  ['GeminiCLI/0.44.0/gemini-3 (linux; x64)', 'gemini'],
  ['gemini-cli', 'gemini'],
  ['copilot-cli', 'copilot'],
  ['opencode/1.18.33 ai-sdk/provider-utils', 'opencode'],
  ['Cursor/1.0', 'cursor'],
  ['pi/0.74.2', 'pi'],
])('%s is %s', (text, id) => expect(agentOf(text)).toBe(id));

it.each(['', 'okhttp/4', 'api/1', 'precursor/2', 'pipeline/1', 'node'])('%s is none', (text) => {
  expect(agentOf(text)).toBeUndefined();
});
