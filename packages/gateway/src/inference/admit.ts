import type { RequestContext } from './request-context.ts';
import { estimateTokens } from '../usage/build-record.ts';

/**
 * Holds the request against rate limits and budgets, with what it is expected to use: its text at four characters a
 * token, and of the output what the caller allows, at most what the configuration says is usual.
 * @throws GatewayError `policy_rate_limited`, `policy_budget_exhausted`, `gateway_counters_unavailable`
 */
export async function admit(context: RequestContext): Promise<void> {
  const { runtime, snapshot, principal, resolved, summary, path, session } = context;
  if (!principal || !resolved) return;
  const usual = path.operation === 'generate' ? snapshot.config.limits.outputEstimate : 0;
  const admission = runtime.governor.admit({
    principal,
    resolved,
    tags: context.tags,
    agent: session?.coding_agent ?? undefined,
    isFree: path.operation === 'count-tokens',
    estimate: {
      input: estimateTokens(summary?.textLength ?? 0),
      output: Math.min(summary?.maxOutputTokens ?? usual, usual),
    },
    at: context.receivedAt,
  });
  context.admission = admission instanceof Promise ? await admission : admission;
}
