import type { FileEdit } from '../files/file-edit.ts';
import type { Environment } from '../platform/environment.ts';
import type { OfferedModel } from '../workspace/models.ts';
import type { Signal } from '../workspace/otel.ts';

export type AgentId = 'codex' | 'claude' | 'gemini' | 'opencode' | 'copilot' | 'pi' | 'cursor';

/** Where an agent sends its requests, and with what. */
export interface Endpoint {
  /** Origin: the gateway's, or that of the loopback proxy. No trailing slash. */
  readonly origin: string;
  /**
   * `helper`: the agent runs `tokenCommand` whenever it needs a token. `proxy`: the launcher's loopback proxy puts the
   * token on each request, and `secret` only opens the proxy, for this launch. `token`: a personal access token, for
   * starts without `ucode` of an agent that can do neither; it stands in a file that only its owner can read.
   */
  readonly auth:
    | { readonly kind: 'helper'; readonly tokenCommand: readonly string[] }
    | { readonly kind: 'proxy'; readonly secret: string }
    | { readonly kind: 'token'; readonly token: string };
}

/** Where an agent's own telemetry goes. */
export interface TelemetrySettings {
  /** `<origin>/api/2.0/otel`, of the gateway or of the loopback proxy; `/v1/<signal>` follows. */
  readonly base: string;
  /** `catalog.schema.table` of a signal. The loopback proxy adds it where an exporter sends none. */
  readonly table: (signal: Signal) => string;
  /**
   * What the exporter sends as its bearer where it goes through the loopback proxy: opens that for telemetry only, for
   * this launch, so it may stand in arguments and in variables that others inherit. `undefined`: the agent runs the
   * token command.
   */
  readonly secret: string | undefined;
}

/** Everything an agent's settings are made of. No token is in it but one that shall be written down. */
export interface AgentSetup {
  readonly environment: Environment;
  /** The gateway's origin, `https://gateway.example.com`. */
  readonly workspaceUrl: string;
  /** Models the caller may use and this agent can speak to, best first. */
  readonly models: readonly OfferedModel[];
  /** Id of the model to start with; one of `models`, or what the user named. */
  readonly model: string | undefined;
  readonly endpoint: Endpoint;
  /** `claude --version`, parsed; `undefined` where it could not be found out. */
  readonly agentVersion: string | undefined;
  /** `undefined`: it sends none. */
  readonly telemetry: TelemetrySettings | undefined;
  /** Headers that every request shall carry, beside the user agent: a provider service, say. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A process to start. */
export interface Launch {
  readonly args: readonly string[];
  /** Added to the caller's environment; `undefined` takes a variable away. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A directory of ours that an agent has for its home when `ucode` starts it, and the user's own. */
export interface PrivateHome {
  readonly of: string;
  readonly at: string;
}

/**
 * One coding agent: a folder whose `index.ts` exports one such value, and a line in `registry.ts`. Pure: what it wants
 * written and started is told, not done. Shared code never asks which agent it is.
 */
export interface Agent {
  readonly id: AgentId;
  readonly displayName: string;
  /** Other names it goes by on the command line: `claude-code`. */
  readonly aliases: readonly string[];
  readonly binary: string;
  /** `undefined` where it is not on npm. */
  readonly npmPackage: string | undefined;
  /** Inclusive bounds of versions that are known to work, and how `--version` is asked. */
  readonly versions: { readonly from?: string; readonly below?: string; readonly args: readonly string[] };
  /** How it gets its token when started by `ucode`. */
  readonly auth: 'helper' | 'proxy' | 'none';
  /** Inference APIs it can speak (`anthropic/v1/messages`), the preferred first; models that offer none are not for it. */
  readonly apiTypes: readonly string[];
  /** The model to start with where nobody chose; `models` are best first by version. */
  defaultModel(models: readonly OfferedModel[]): OfferedModel | undefined;
  /** Settings in a private profile that only `ucode` uses; the user's own files stay as they are. */
  privateFiles(setup: AgentSetup): readonly FileEdit[];
  /**
   * Where an agent has no other way to other settings than another home: what is in the user's own appears there by
   * links, but for `privateFiles`.
   */
  privateHome?(environment: Environment): PrivateHome;
  /** How it gets its token when started without `ucode`; `none`: it cannot be set up for that. */
  readonly globalAuth: 'helper' | 'token' | 'none';
  /** The same in the agent's own files, for starts without `ucode`. */
  globalFiles(setup: AgentSetup): readonly FileEdit[];
  /** For an agent that reads no file: what has to stand in the user's shell instead. */
  globalVariables?(setup: AgentSetup): Readonly<Record<string, string>>;
  /** How to start it with the private profile. `args` are the user's, forwarded byte for byte, in their order. */
  launch(setup: AgentSetup, args: readonly string[]): Launch;
  /** Arguments that make it answer one prompt and end. */
  promptArgs(prompt: string): readonly string[];
  readonly telemetry: {
    /** What it can export. */
    readonly signals: readonly Signal[];
    /** How its exporter gets its token: `helper` also without `ucode`, from files; `proxy` only at a launch. */
    readonly auth: 'helper' | 'proxy' | 'none';
  };
  /** Whether the agent can use MCP servers, and how one is registered in the private profile. */
  readonly mcp: boolean;
}
