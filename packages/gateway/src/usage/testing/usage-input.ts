import type { InvocationFacts, InvocationOutcome, UsageRecordInput } from '../build-record.ts';
import { declaredRecord } from '../../config/service-record.ts';

/** An ordinary finished invocation, for tests. */
export function usageInput(
  change: {
    facts?: Partial<InvocationFacts>;
    outcome?: Partial<InvocationOutcome>;
    price?: UsageRecordInput['price'];
  } = {},
): UsageRecordInput {
  const destination = {
    name: 'main',
    providerService: 'main.default.anthropic',
    model: 'claude-opus-4-8-20260101',
    trafficPercentage: 100,
  };
  return {
    facts: {
      workspaceId: '42',
      requestId: 'req-1',
      invocationId: 'inv-1',
      receivedAt: Date.UTC(2026, 10, 22, 8, 30, 0, 7),
      principal: {
        id: '1',
        userName: 'ada@example.com',
        type: 'USER',
        groups: [],
        active: true,
        authMode: 'PAT',
        scopes: new Set(['all-apis']),
        tokenId: 't1',
      },
      ipAddress: '127.0.0.1',
      url: '/ai-gateway/anthropic/v1/messages?beta=true',
      headers: { 'user-agent': 'claude-cli/2.1.330 (external, cli)' },
      apiType: 'anthropic/v1/messages',
      tags: { team: 'search' },
      session: {
        coding_agent: 'claude-code',
        agent_version: '2.1.330',
        surface: 'cli',
        client_session_id: 's1',
        client_subagent_id: null,
        reasoning_effort: null,
        smart_router_name: null,
      },
      service: {
        ...declaredRecord(),
        name: 'system.ai.claude-opus-4-8',
        comment: undefined,
        tags: { tier: 'gold' },
        destinations: [destination],
        fallbacks: [{ ...destination, name: 'spare', trafficPercentage: 0 }],
        firstTokenTimeoutMs: undefined,
        inferenceTable: { table: ['main', 'logs', 'opus_payload'], disabled: false, samplingFraction: 1, redact: [] },
      },
      destination,
      providerService: {
        ...declaredRecord(),
        name: 'main.default.anthropic',
        comment: undefined,
        provider: 'anthropic',
        options: { api_key: 'secret' },
        targets: [],
        allowAllTargets: true,
      },
      ...change.facts,
    },
    outcome: {
      status: 200,
      contentType: 'text/event-stream',
      latencyMs: 1234.6,
      timeToFirstByteMs: 321.4,
      attempts: [
        {
          priority: 0,
          action: 'INITIAL_ATTEMPT',
          destination: 'main',
          destination_id: null,
          status_code: 200,
          error_code: null,
          latency_ms: 1230,
        },
      ],
      usage: {
        input: 1000,
        output: 50,
        cacheRead: 700,
        cacheWrite5m: 100,
        cacheWrite1h: 20,
        reasoning: 10,
        raw: {},
      },
      textLengths: { input: 4000, output: 199 },
      finishReason: 'stop',
      errorCode: undefined,
      isFinal: true,
      ...change.outcome,
    },
    price: change.price,
  };
}
