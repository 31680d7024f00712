import type { z } from 'zod';
import type { DialectId, Operation } from '../dialects/dialect.ts';

export type ProviderId =
  | 'openai'
  | 'azure-openai'
  | 'anthropic'
  | 'anthropic-relayed'
  | 'gemini'
  | 'databricks'
  | 'openai-compatible'
  | 'anthropic-compatible'
  | 'demo';

/** Dialects spoken natively, and for each its operations. */
export type NativeDialects = Readonly<Partial<Record<DialectId, readonly Operation[]>>>;

/** One call to be sent, as the provider needs to know it. */
export interface ProviderCall {
  readonly dialect: DialectId;
  readonly operation: Operation;
  /** Target model at the provider. */
  readonly model: string;
  readonly stream: boolean;
  /** Raw query string of the caller without `?`, credentials removed. */
  readonly query: string;
}

/**
 * Where a call goes and how it authenticates. Header names are lower case. A credential replaces whatever
 * the caller sent; of the others (`anthropic-version`) the caller's own wins.
 */
export interface ProviderTarget {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/** A model that a provider registers by itself when its environment variable is set. */
export interface ProviderDefaultModel {
  /** Leaf name under `system.ai`, dashes only: `claude-opus-4-8`. */
  readonly service: string;
  /** The provider's own id. */
  readonly model: string;
}

/** A provider that runs inside the gateway's own process (the demo). */
export interface EmbeddedServer {
  readonly baseUrl: string;
  close(): Promise<void>;
}

/**
 * One kind of provider. A folder whose `index.ts` exports one such value; pure, no I/O.
 * `Options` is what stands in the configuration under its block (`openai: { direct: {...} }`),
 * secrets already resolved to plain strings.
 */
export interface Provider<Options = never> {
  readonly id: ProviderId;
  /** The vendor's enum value, e.g. `EXTERNAL_MODEL_PROVIDER_TYPE_OPENAI` (unity-ai-gateway 12.1). */
  readonly providerType: string;
  /** Key of its block in `config`, e.g. `openai`, `azure_openai`. */
  readonly block: string;
  /** Key of its options below the block. `direct` unless told: a credential of ours. */
  readonly mode?: 'relayed';
  /**
   * Headers in which callers send their own credential for this provider, to be passed on as they came. Such a
   * provider has no credential of its own, and is used only by callers whose identity came another way.
   */
  readonly callerCredentials?: readonly string[];
  /** Dialects spoken natively, and for each the operations it has: all that any options can give. */
  readonly dialects: NativeDialects;
  /** The part of `dialects` that a service with these options speaks. Absent: all of them. */
  dialectsOf?(options: Options): NativeDialects;
  /** Schema of `<block>.direct`, or of `<block>.<mode>`. */
  readonly options: z.ZodType<Options>;
  /** URL and credentials of a call. */
  target(call: ProviderCall, options: Options): ProviderTarget;
  /** Environment variable that, when set, registers this provider with `defaultModels`. */
  readonly environmentKey?: string;
  /** Options built from that variable's value. */
  fromEnvironment?(value: string, env: Readonly<Record<string, string | undefined>>): Options;
  readonly defaultModels?: readonly ProviderDefaultModel[];
  /**
   * Starts the provider in this process on a free loopback port. Called once at start when a provider
   * service of this kind has no `base_url`; the address then stands in its options as `base_url`, and
   * the private-address rule does not apply to it.
   */
  readonly embeddedServer?: () => Promise<EmbeddedServer>;
}
