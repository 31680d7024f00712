import type { IncomingHttpHeaders } from 'node:http';

/** One `name/version` of a User-Agent, with the comment that follows it. */
export interface Product {
  /** Lower case. */
  readonly name: string;
  readonly version: string;
  /** What stands in the parentheses after it, split at `;` or `,`; empty where there are none. */
  readonly comment: readonly string[];
}

/**
 * How one coding agent is known by the requests it sends (agents.md 1 to 6). A file of this folder exports
 * one such value; `registry.ts` lists it.
 */
export interface CodingAgent {
  /** Value of `session_metadata.coding_agent`. */
  readonly id: string;
  /** Whether this User-Agent product is the agent. Also asked for the one that `ucode/V name/V` names. */
  isProduct(name: string): boolean;
  /** Whether other headers give it away; asked only when no agent knows the User-Agent. */
  hasHeaders?(headers: IncomingHttpHeaders): boolean;
  /** Beginning of the `api_type` of paths that only this agent calls. */
  readonly ownPath?: string;
  /** Its `surface`: `cli`, `tui`, `exec`, … `product` is `undefined` when only headers gave it away. */
  surface?(headers: IncomingHttpHeaders, product: Product | undefined): string | undefined;
  /**
   * HTTP status of a used-up budget that it shows at once, with the message. Without it, 400, which every agent shows;
   * most wait a 429 out in silence (agents.md 8).
   */
  readonly budgetRefusalStatus?: number;
  /** Header names that hold the session, best first. */
  readonly sessionHeaders: readonly string[];
  /** The sub-agent within the session. */
  subagent?(headers: IncomingHttpHeaders): string | undefined;
}

/** A header as one string; `undefined` where missing, empty or repeated. */
export function headerText(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
