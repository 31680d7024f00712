import { describe, expect, test } from 'vitest';
import type { Agent, AgentSetup, TelemetrySettings } from './agent.ts';
import { loadAgents } from './registry.ts';

const environment: AgentSetup['environment'] = {
  platform: 'linux',
  home: '/home/ada',
  variables: {},
  workingDirectory: '/work',
  ucodeHome: '/home/ada/.ucode',
  interactive: false,
};
const telemetry: TelemetrySettings = {
  base: 'http://telemetry.test/api/2.0/otel',
  table: (signal) => `main.team.${signal}`,
  secret: 'telemetry-secret',
};

function setupOf(agent: Agent, sent: TelemetrySettings | undefined): AgentSetup {
  return {
    environment,
    workspaceUrl: 'https://gateway.test',
    models: [],
    model: 'main.team.model',
    endpoint: {
      origin: 'https://gateway.test',
      auth:
        agent.auth === 'proxy'
          ? { kind: 'proxy', secret: 'secret' }
          : { kind: 'helper', tokenCommand: ['node', 'token.js'] },
    },
    agentVersion: '1.2.3',
    telemetry: sent,
    headers: {},
  };
}

/** Everything that an agent has written into files. */
function files(agent: Agent, sent: TelemetrySettings | undefined): string {
  const setup = setupOf(agent, sent);
  return JSON.stringify([agent.privateFiles(setup), agent.globalFiles(setup)]);
}

function launched(agent: Agent, sent: TelemetrySettings | undefined): string {
  const { args, env } = agent.launch(setupOf(agent, sent), ['hello']);
  return JSON.stringify([args, env]);
}

describe.each((await loadAgents()).map((agent) => [agent.id, agent] as const))('%s', (_, agent) => {
  const { auth, signals } = agent.telemetry;

  test('has a way to get a token if it exports anything', () => expect(auth === 'none').toBe(signals.length === 0));

  test.runIf(auth === 'proxy')('is told where to and with what at its launch only', () => {
    expect(files(agent, telemetry)).toBe(files(agent, undefined));
    expect(launched(agent, telemetry)).toContain(telemetry.base);
    expect(launched(agent, telemetry)).toContain('telemetry-secret');
    expect(launched(agent, undefined)).not.toMatch(/otel/i);
  });

  test.runIf(auth === 'helper')('is told in its files where to, and to ask for the token', () => {
    const told = files(agent, { ...telemetry, secret: undefined });
    for (const signal of signals) {
      expect(told).toContain(`${telemetry.base}/v1/${signal}`);
      expect(told).toContain(`main.team.${signal}`);
    }
    expect(told).toContain('--otel-headers');
    expect(told).not.toMatch(/bearer/i);
    expect(files(agent, undefined)).not.toMatch(/otel/i);
  });

  test.runIf(auth === 'none')('is told nothing', () => {
    expect(files(agent, telemetry)).toBe(files(agent, undefined));
    expect(launched(agent, telemetry)).toBe(launched(agent, undefined));
  });
});
