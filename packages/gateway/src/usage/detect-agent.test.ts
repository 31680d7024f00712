import type { IncomingHttpHeaders } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codingAgents } from './agents/registry.ts';
import { detectAgent } from './detect-agent.ts';
import { parseUserAgent } from './user-agent.ts';

const noHints = { sessionHint: undefined, reasoningEffort: undefined };
const thread = '01a2026b-d3e2-7902-b3bd-cb2f8564d162';

/** Agent, version, surface, session, sub-agent. */
type Expected = [string | null, string | null, string | null, string | null, string | null];
const cases: [string, IncomingHttpHeaders, Expected][] = [
  [
    'Claude Code, headless',
    { 'user-agent': 'claude-cli/2.1.330 (external, sdk-cli)', 'x-claude-code-session-id': 's1', 'x-app': 'cli' },
    ['claude-code', '2.1.330', 'sdk-cli', 's1', null],
  ],
  [
    'Claude Code, interactive, in a sub-agent',
    {
      'user-agent': 'claude-cli/2.1.330 (external, cli)',
      'x-claude-code-session-id': 's1',
      'x-claude-code-agent-id': 'a7',
      'x-claude-code-parent-agent-id': 'a1',
    },
    ['claude-code', '2.1.330', 'cli', 's1', 'a7'],
  ],
  [
    'Claude Code, from the launcher',
    { 'user-agent': 'ucode/1.0.0 claude/2.1.330', 'x-claude-code-session-id': 's1', 'x-app': 'cli' },
    ['claude-code', '2.1.330', 'cli', 's1', null],
  ],
  [
    'Claude Code with a User-Agent of the user',
    { 'user-agent': 'team/1.0', 'x-claude-code-session-id': 's1' },
    ['claude-code', null, null, 's1', null],
  ],
  [
    'Codex exec',
    {
      'user-agent': 'codex_exec/0.169.0 (Debian 12.0.0; x86_64) dumb (codex_exec; 0.169.0)',
      originator: 'codex_exec',
      'session-id': thread,
      'thread-id': thread,
    },
    ['codex', '0.169.0', 'exec', thread, null],
  ],
  [
    'Codex in a terminal, in a sub-agent',
    {
      'user-agent': 'codex-tui/0.169.0 (Debian 12.0.0; x86_64) xterm-256color (codex-tui; 0.169.0)',
      originator: 'codex-tui',
      'session-id': thread,
      'thread-id': 'other',
    },
    ['codex', '0.169.0', 'tui', thread, 'other'],
  ],
  [
    'Codex 0.118',
    {
      'user-agent': 'codex_exec/0.118.0 (Debian 12.0.0; x86_64) dumb (codex-exec; 0.118.0)',
      originator: 'codex_exec',
      session_id: thread,
    },
    ['codex', '0.118.0', 'exec', thread, null],
  ],
  [
    'Codex, from the launcher',
    { 'user-agent': 'ucode/1.0.0 codex/0.169.0', originator: 'codex_exec', 'session-id': thread, 'thread-id': thread },
    ['codex', '0.169.0', 'exec', thread, null],
  ],
  [
    'Gemini CLI',
    { 'user-agent': 'GeminiCLI-tui/0.61.0/gemini-3.1-pro-preview (linux; x64; terminal)' },
    ['gemini-cli', '0.61.0', 'tui', null, null],
  ],
  [
    'Gemini CLI, older',
    { 'user-agent': 'GeminiCLI/0.44.0/gemini-2.5-pro (linux; x64; vscode)' },
    ['gemini-cli', '0.44.0', 'vscode', null, null],
  ],
  [
    'Gemini CLI, from the launcher',
    { 'user-agent': 'ucode/1.0.0 gemini/0.61.0' },
    ['gemini-cli', '0.61.0', null, null, null],
  ],
  [
    'OpenCode',
    {
      'user-agent': 'opencode/1.18.33 ai-sdk/provider-utils/4.0.46 runtime/bun/1.3.14',
      'x-session-id': 'ses_a',
      'x-session-affinity': 'ses_a',
    },
    ['opencode', '1.18.33', null, 'ses_a', null],
  ],
  [
    'OpenCode, from the launcher',
    {
      'user-agent': 'ucode/1.0.0 opencode/1.18.33 ai-sdk/provider-utils/4.0.46 runtime/bun/1.3.14',
      'x-session-affinity': 'ses_a',
    },
    ['opencode', '1.18.33', null, 'ses_a', null],
  ],
  [
    'Copilot CLI, chat',
    { 'user-agent': 'OpenAI/JS 5.20.1', 'x-initiator': 'user', 'x-interaction-type': 'conversation-user' },
    ['copilot-cli', null, null, null, null],
  ],
  [
    'Copilot CLI, Messages',
    { 'user-agent': 'Anthropic/JS 0.94.0', 'x-initiator': 'agent' },
    ['copilot-cli', null, null, null, null],
  ],
  ['Copilot CLI, by name', { 'user-agent': 'copilot-cli/1.0.102' }, ['copilot-cli', '1.0.102', null, null, null]],
  [
    'Pi',
    { 'user-agent': 'pi/1.5.2 (linux; node/v24.21.0; x64)', 'session-id': thread },
    ['pi', '1.5.2', null, thread, null],
  ],
  ['Pi, from the launcher', { 'user-agent': 'ucode/1.0.0 pi/1.5.2' }, ['pi', '1.5.2', null, null, null]],
  ['Pi of unknown version', { 'user-agent': 'ucode/1.0.0 pi/unknown' }, ['pi', null, null, null, null]],
  ['Cursor, by name', { 'user-agent': 'Cursor/2.4.1' }, ['cursor', '2.4.1', null, null, null]],
  ['a plain SDK', { 'user-agent': 'OpenAI/JS 6.49.0' }, [null, null, null, null, null]],
  ['the launcher alone', { 'user-agent': 'ucode/1.0.0' }, [null, null, null, null, null]],
  ['nothing', {}, [null, null, null, null, null]],
];

test.each(cases)('%s', (_, headers, [agent, version, surface, session, subagent]) => {
  expect(detectAgent(headers, noHints)).toEqual({
    coding_agent: agent,
    agent_version: version,
    surface,
    client_session_id: session,
    client_subagent_id: subagent,
    reasoning_effort: null,
    smart_router_name: null,
  });
});

describe('hints', () => {
  test('stand in where no header has a session', () => {
    const hints = { sessionHint: 'from body', reasoningEffort: 'high' };
    expect(detectAgent({ 'user-agent': 'pi/1.5.2' }, hints)).toMatchObject({
      client_session_id: 'from body',
      reasoning_effort: 'high',
    });
    expect(detectAgent({ 'user-agent': 'pi/1.5.2', 'session-id': 'from header' }, hints)).toMatchObject({
      client_session_id: 'from header',
    });
  });

  test('the path tells Cursor where nothing else does', () => {
    const apiType = 'cursor/v1/chat/completions';
    expect(detectAgent({ 'user-agent': 'okhttp/4' }, { ...noHints, apiType }).coding_agent).toBe('cursor');
    expect(detectAgent({ 'user-agent': 'pi/1.5.2' }, { ...noHints, apiType }).coding_agent).toBe('pi');
    // Pi calls this path, too.
    expect(detectAgent({}, { ...noHints, apiType: 'codex/v1/responses' }).coding_agent).toBeNull();
  });
});

describe('the registry', () => {
  test('every agent has an id of its own and is told from its launcher name by no other', () => {
    expect(new Set(codingAgents.map(({ id }) => id)).size).toBe(codingAgents.length);
    for (const name of ['claude', 'codex', 'gemini', 'opencode', 'copilot', 'pi', 'cursor']) {
      expect(codingAgents.filter((agent) => agent.isProduct(name))).toHaveLength(1);
    }
  });
});

test('hostile headers never throw, and nothing long is recorded', () => {
  const name = fc.constantFrom(
    'user-agent',
    'originator',
    'session-id',
    'x-claude-code-session-id',
    'x-initiator',
    'x-session-affinity',
  );
  fc.assert(
    fc.property(fc.dictionary(name, fc.string({ maxLength: 2000 })), (headers) => {
      for (const value of Object.values(detectAgent(headers, noHints))) {
        expect((value ?? '').length).toBeLessThanOrEqual(256);
      }
    }),
  );
});

test('a User-Agent is read into its products', () => {
  expect(parseUserAgent('A/1.0/extra (x; y, z) word b-c/2 (d) (e/5)')).toEqual([
    { name: 'a', version: '1.0', comment: ['x', 'y', 'z'] },
    { name: 'b-c', version: '2', comment: ['d'] },
  ]);
});
