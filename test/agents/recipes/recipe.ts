import type { AgentName } from '../install.ts';

/** What a recipe has to work with. */
export interface LaunchContext {
  /** A private, empty home directory. */
  readonly home: string;
  /** Origin of the gateway as the agent sees it. */
  readonly base: string;
  readonly token: string;
  readonly model: string;
  readonly prompt: string;
  /** Starts the agent's executable; arguments follow. */
  readonly executable: readonly string[];
  /** The agent's own version. */
  readonly version: string;
  /** Ask for the answer alone: no title or other side request. */
  readonly answerOnly: boolean;
}

/** How to start the agent once, headless, with its own telemetry and updaters off. */
export interface Launch {
  /** Configuration files: path under the home directory, and content. */
  readonly files: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
}

/** What the gateway can learn about the agent from the headers this variant sends. */
export interface Identity {
  readonly codingAgent: string;
  /** Whether a header carries the agent's version. */
  readonly version: boolean;
  /** Whether a header carries a session id. */
  readonly session: boolean;
}

/** One way of pointing an agent at the gateway: a dialect, a credential form, a configuration style. */
export interface Variant {
  /** `agent` or `agent:variant`. */
  readonly id: string;
  /** The model name it sends, as ucode writes it. */
  readonly model: string;
  /** `api_type` its turns are recorded under. */
  readonly apiType: string;
  readonly identity: Identity;
  launch(context: LaunchContext): Launch;
}

/** What an agent does with a failing gateway or provider. */
export interface Reaction {
  /**
   * `recovers`: retries and ends with the answer, exit 0. `reports`: ends by itself and says what is wrong.
   * `keeps-trying`: would go on for minutes; it is stopped after `requests`.
   */
  readonly outcome: 'recovers' | 'reports' | 'keeps-trying';
  /** Least number of model calls it makes. */
  readonly requests: number;
  /** For `reports`: what its output says. */
  readonly says?: RegExp;
  /** For `reports`: whether its exit code is non-zero. */
  readonly fails?: boolean;
}

/** The failures every agent is put through. */
export interface Reactions {
  /** The token is wrong from the first call. */
  readonly unauthorized: Reaction;
  /** 429 with `retry-after: 1`, once. */
  readonly rateLimited: Reaction;
  /** The provider answers 500, always. */
  readonly providerDown: Reaction;
  /** The provider closes the connection in mid-stream, once. */
  readonly streamCut: Reaction;
}

/** One coding agent: its variants, and how its first variant reacts to failures. */
export interface AgentRecipe {
  readonly name: AgentName;
  readonly variants: readonly [Variant, ...Variant[]];
  readonly reactions: Reactions;
}

/** Model names of the four families, as ucode writes them into the agents' configurations. */
export const models = {
  claude: 'system.ai.claude-sonnet-5',
  claudeSmall: 'system.ai.claude-haiku-4-5',
  gpt: 'system.ai.gpt-5-5',
  gemini: 'system.ai.gemini-3-5-flash',
  oss: 'system.ai.glm-5-2',
} as const;

/** The `User-Agent` ucode gives an agent. */
export function ucodeUserAgent(agent: string, version: string): string {
  return `ucode/0.1.0 ${agent}/${version}`;
}
