import type { ProviderId } from '../providers/provider.ts';

/** The configuration in force, validated, defaults filled, secrets resolved. Made by `load.ts` only. */
export interface GatewayConfig {
  readonly server: ServerConfig;
  readonly users: readonly UserConfig[];
  readonly providerServices: readonly ModelProviderService[];
  readonly modelServices: readonly ModelService[];
  /** Files and environment variables it was made from, for `config explain`. */
  readonly sources: readonly string[];
}

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  readonly dataDirectory: string;
  /** Milliseconds running streams get to finish at a graceful stop. Default 30,000. */
  readonly shutdownGraceMs: number;
  /** Largest request body in bytes. Default 64 MiB. */
  readonly maxBodyBytes: number;
  /** Milliseconds a caller has to deliver headers, and between body chunks. Default 30,000. */
  readonly clientTimeoutMs: number;
  /** Milliseconds until a provider must have sent its response headers. Default 300,000. */
  readonly firstByteTimeoutMs: number;
  /** Milliseconds a provider's stream may be silent. Default 300,000. */
  readonly idleTimeoutMs: number;
  /** Milliseconds of provider silence after which a keepalive is sent to the caller. Default 15,000. */
  readonly keepaliveMs: number;
  /** Attempts per destination, the first included. Default 2. */
  readonly maxAttempts: number;
  /** Longest `retry-after` of a provider that is waited for before falling back, ms. Default 5,000. */
  readonly maxRetryAfterMs: number;
  /** Private networks (CIDR) providers may live in. Loopback counts as private. */
  readonly allowedPrivateNetworks: readonly string[];
  /** Bytes the usage spool may take on disk. Default 1 GiB. */
  readonly spoolMaxBytes: number;
  /** pino level. Default `info`. */
  readonly logLevel: string;
  readonly workspaceId: string;
}

export interface UserConfig {
  /** E-mail or login name; the SCIM `userName` and the usage row's `requester`. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly active: boolean;
}

/** `model-provider-services/{c}.{s}.{n}` (unity-ai-gateway 12.1). */
export interface ModelProviderService {
  /** Three-level name. */
  readonly name: string;
  readonly comment: string | undefined;
  readonly provider: ProviderId;
  /** The provider's own options, validated by its schema, secrets in plain. Never serialise this. */
  readonly options: unknown;
  readonly targets: readonly ProviderTargetModel[];
  readonly allowAllTargets: boolean;
}

export interface ProviderTargetModel {
  readonly model: string;
  readonly nativeApiTypes: readonly string[];
}

/** `model-services/{c}.{s}.{n}` (unity-ai-gateway 12.1). */
export interface ModelService {
  readonly name: string;
  readonly comment: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly destinations: readonly Destination[];
  readonly fallbacks: readonly Destination[];
  /** Streaming only: the next destination is tried when no first byte came in time. */
  readonly firstTokenTimeoutMs: number | undefined;
}

export interface Destination {
  readonly name: string;
  /** Name of a `ModelProviderService`; its existence is checked at load. */
  readonly providerService: string;
  /** Target model at the provider. */
  readonly model: string;
  /** 0 to 100; the destinations of a service sum to 100. 0 on fallbacks. */
  readonly trafficPercentage: number;
}
