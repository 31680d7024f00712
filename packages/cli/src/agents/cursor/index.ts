import type { Agent } from '../agent.ts';

/** Cursor's agent CLI (agents.md 9). It has no setting for another endpoint: only MCP servers can be set up. */
export const agent: Agent = {
  id: 'cursor',
  displayName: 'Cursor CLI',
  aliases: [],
  binary: 'cursor-agent',
  npmPackage: undefined,
  versions: { args: ['--version'] },
  auth: 'none',
  globalAuth: 'none',
  apiTypes: [],
  defaultModel: () => undefined,
  privateFiles: () => [],
  globalFiles: () => [],
  launch: (_setup, args) => ({ args, env: {} }),
  promptArgs: (prompt) => ['-p', prompt],
  telemetry: { signals: [], auth: 'none' },
  mcp: true,
};
