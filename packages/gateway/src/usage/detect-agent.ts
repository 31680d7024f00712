import type { IncomingHttpHeaders } from 'node:http';
import { headerText, type CodingAgent, type Product } from './agents/coding-agent.ts';
import { codingAgents } from './agents/registry.ts';
import type { SessionMetadata } from './usage-record.ts';
import { parseUserAgent } from './user-agent.ts';

/** The launcher puts itself before the agent: `ucode/1.0.0 claude/2.1.330`. */
const LAUNCHER = 'ucode';
/** What the launcher writes when it cannot find out the agent's version. */
const UNKNOWN_VERSION = 'unknown';
/** Longest id or version that is recorded. */
const MAX_LENGTH = 256;

/** What the request says of its session outside the headers. */
export interface SessionHints {
  /** Session id carried in the body. Used where no header has one. */
  readonly sessionHint: string | undefined;
  /** As the caller wrote it. */
  readonly reasoningEffort: string | undefined;
  /** The path's `api_type`; some paths are called by one agent only. Asked last. */
  readonly apiType?: string | undefined;
}

/**
 * Which coding agent sent a request, and in which of its sessions. Reads what agents send by themselves;
 * a caller can pretend, so nothing is permitted or refused because of it. Unknown is `null`. Never throws.
 */
export function detectAgent(headers: IncomingHttpHeaders, hints: SessionHints): SessionMetadata {
  const { agent, product } = recognise(headers, hints.apiType);
  let session: string | undefined;
  for (const name of agent?.sessionHeaders ?? []) session ??= headerText(headers, name);
  return {
    coding_agent: agent?.id ?? null,
    agent_version: bounded(product?.version === UNKNOWN_VERSION ? undefined : product?.version),
    surface: bounded(agent?.surface?.(headers, product)),
    client_session_id: bounded(session ?? hints.sessionHint),
    client_subagent_id: bounded(agent?.subagent?.(headers)),
    reasoning_effort: bounded(hints.reasoningEffort),
    smart_router_name: null,
  };
}

function recognise(
  headers: IncomingHttpHeaders,
  apiType: string | undefined,
): { agent: CodingAgent | undefined; product: Product | undefined } {
  const products = parseUserAgent(headers['user-agent'] ?? '');
  const product = products[0]?.name === LAUNCHER ? products[1] : products[0];
  if (product !== undefined) {
    const agent = codingAgents.find((candidate) => candidate.isProduct(product.name));
    if (agent !== undefined) return { agent, product };
  }
  const agent =
    codingAgents.find((candidate) => candidate.hasHeaders?.(headers)) ??
    codingAgents.find(({ ownPath }) => ownPath !== undefined && apiType?.startsWith(ownPath));
  return { agent, product: undefined };
}

function bounded(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value.slice(0, MAX_LENGTH);
}
