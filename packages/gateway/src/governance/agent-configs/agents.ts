/** Agents that can be configured, with the key of their model settings (workspace-contract 7.1). */
export const toolOfAgent = {
  CODING_AGENT_CLAUDE_CODE: 'claude',
  CODING_AGENT_CODEX: 'codex',
  CODING_AGENT_GEMINI: 'gemini',
  CODING_AGENT_COPILOT: 'copilot',
  CODING_AGENT_PI: 'pi',
  CODING_AGENT_OPENCODE: 'opencode',
} as const;

export type CodingAgent = keyof typeof toolOfAgent;

export const codingAgents = Object.keys(toolOfAgent) as CodingAgent[];

/** Kinds of MCP servers (workspace-contract 7.1). */
export const mcpServerTypes = [
  'MCP_SERVER_TYPE_UC_SERVICE',
  'MCP_SERVER_TYPE_EXTERNAL',
  'MCP_SERVER_TYPE_GENIE',
  'MCP_SERVER_TYPE_VECTOR_SEARCH',
  'MCP_SERVER_TYPE_UC_FUNCTIONS',
  'MCP_SERVER_TYPE_DATABRICKS_APP',
  'MCP_SERVER_TYPE_DATABRICKS_SQL',
] as const;
