/** A body that has every field (workspace-contract 7.1). */
export const testingDefinition = {
  display_name: 'Paved path',
  default_agent: 'CODING_AGENT_CLAUDE_CODE',
  enabled_agents: [
    {
      agent: 'CODING_AGENT_CLAUDE_CODE',
      config: {
        use_as_global_settings: true,
        custom_headers: { 'x-team': 'platform' },
        tracing_config: { table: 'main.default.traces' },
        model_config: {
          claude: {
            default_model: 'system.ai.claude-opus-4-8',
            models: { default_opus_model: 'system.ai.claude-opus-4-8' },
          },
        },
      },
    },
    {
      agent: 'CODING_AGENT_OPENCODE',
      config: { model_config: { opencode: { default_model: 'system.ai.gpt-5', models: ['system.ai.gpt-5'] } } },
    },
  ],
  mcp_servers: [
    { name: 'system.ai.slack', type: 'MCP_SERVER_TYPE_UC_SERVICE' },
    { name: 'system-ai-jira', type: 'MCP_SERVER_TYPE_UC_SERVICE' },
    { name: 'main.default', type: 'MCP_SERVER_TYPE_VECTOR_SEARCH' },
  ],
  skills: { names: ['main.skills'] },
  tracing: { table: 'main.default.traces' },
  budget_policy: {
    display_name: 'Monthly',
    budget_id: '7f1d9c1e-3f64-4f0e-9a8e-6f6ad1c8b0b1',
    tiers: [
      { spending_percentage: 0.5, default_agent: 'CODING_AGENT_OPENCODE', default_model: 'system.ai.gpt-5' },
      { spending_percentage: 0.9, default_agent: 'CODING_AGENT_OPENCODE', default_model: 'system.ai.gpt-5-mini' },
    ],
  },
} as const;
