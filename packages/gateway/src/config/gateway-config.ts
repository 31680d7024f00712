import type { GroupConfig, ServicePrincipalConfig } from './identity-settings.ts';
import type { PriceSettings } from '../models/price-book.ts';
import type { ProviderId } from '../providers/provider.ts';
import type { Budget } from './budgets-settings.ts';
import type { NotificationsConfig } from './notifications-settings.ts';
import type { EncryptionConfig } from './encryption-settings.ts';
import type { LimitsConfig } from './limits-settings.ts';
import type { RateLimit } from './rate-limit-schema.ts';
import type { ServiceRecord } from './service-record.ts';
import type { IdentityConfig } from './sso-settings.ts';
import type { StateConfig } from './state-settings.ts';

/** The configuration in force, validated, defaults filled, secrets resolved. Made by `load.ts` only. */
export interface GatewayConfig {
  readonly server: ServerConfig;
  readonly lake: LakeConfig;
  readonly sql: SqlConfig;
  readonly state: StateConfig;
  readonly limits: LimitsConfig;
  readonly encryption: EncryptionConfig;
  readonly users: readonly UserConfig[];
  readonly identity: IdentityConfig;
  readonly groups: readonly GroupConfig[];
  readonly servicePrincipals: readonly ServicePrincipalConfig[];
  readonly providerServices: readonly ModelProviderService[];
  readonly modelServices: readonly ModelService[];
  readonly prices: PriceSettings;
  readonly budgets: readonly Budget[];
  /** Has secrets: never serialise this. */
  readonly notifications: NotificationsConfig;
  /** Files and environment variables it was made from, for `config explain`. */
  readonly sources: readonly string[];
}

export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  /** Origin that callers use; left out: the listener's. */
  readonly publicUrl: string | undefined;
  /** Networks (CIDR) whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
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

export interface LakeConfig {
  /** Absolute directory, or `s3://bucket/prefix`. */
  readonly root: string;
  readonly s3: S3Config;
  /** Milliseconds rows are gathered before a commit. Default 1,000. */
  readonly commitIntervalMs: number;
  /** Milliseconds between two rounds of upkeep. Default 60,000. */
  readonly maintenanceIntervalMs: number;
  /** Bytes DuckDB may use in the process that writes tables. Default 512 MiB. */
  readonly memoryLimitBytes: number;
  readonly usageRetentionDays: number;
  readonly auditRetentionDays: number;
  /** Bytes of the spools of telemetry and of payloads, each. Default 1 GiB. */
  readonly telemetryQueueMaxBytes: number;
  /** Bytes of an OTLP request, decompressed. Default 64 MiB. */
  readonly otlpMaxBytes: number;
}

/** How an `s3://` root is reached. */
export interface S3Config {
  /** Left out: Amazon's of the region. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** In plain. Left out: those of the environment. Never serialise this. */
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  readonly sessionToken: string | undefined;
  readonly pathStyle: boolean;
  /** Bytes of local copies of data files. Default 4 GiB. */
  readonly cacheMaxBytes: number;
}

export interface SqlConfig {
  readonly timeoutMs: number;
  /** Bytes the process of one statement may use. Default 1 GiB. */
  readonly memoryLimitBytes: number;
  readonly maxRows: number;
  readonly maxResultBytes: number;
  /** Statements that run at once. Default 2. */
  readonly concurrency: number;
  /** Statements that may wait. Default 100. */
  readonly queue: number;
}

export interface UserConfig {
  /** E-mail or login name; the SCIM `userName` and the usage row's `requester`. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly active: boolean;
}

/** `model-provider-services/{c}.{s}.{n}` (unity-ai-gateway 12.1). */
export interface ModelProviderService extends ServiceRecord {
  /** Three-level name. */
  readonly name: string;
  readonly comment: string | undefined;
  readonly provider: ProviderId;
  /** The provider's own options, validated by its schema, secrets in plain. Never serialise this. */
  readonly options: unknown;
  readonly targets: readonly ProviderTargetModel[];
  readonly allowAllTargets: boolean;
  /** Where it is called directly. Left out: none. */
  readonly rateLimits?: readonly RateLimit[] | undefined;
}

export interface ProviderTargetModel {
  readonly model: string;
  readonly nativeApiTypes: readonly string[];
}

/** `model-services/{c}.{s}.{n}` (unity-ai-gateway 12.1). */
export interface ModelService extends ServiceRecord {
  readonly name: string;
  readonly comment: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly destinations: readonly Destination[];
  readonly fallbacks: readonly Destination[];
  /** Streaming only: the next destination is tried when no first byte came in time. */
  readonly firstTokenTimeoutMs: number | undefined;
  /** Where bodies are kept; `undefined`: nowhere. */
  readonly inferenceTable: InferenceTable | undefined;
  /** Left out: none. */
  readonly rateLimits?: readonly RateLimit[] | undefined;
}

/** `inference_table` of a model service (unity-ai-gateway 4.1, 4.3). */
export interface InferenceTable {
  /** Three parts: catalog, schema, `<prefix>_payload`. */
  readonly table: readonly [string, string, string];
  readonly disabled: boolean;
  /** Above 0 to 1. */
  readonly samplingFraction: number;
  readonly redact: readonly RedactionRule[];
}

export type RedactionRule =
  | 'email'
  | 'credit_card'
  | 'ip_address'
  | 'secret'
  | { readonly pattern: string; readonly replacement: string };

export interface Destination {
  readonly name: string;
  /** Name of a `ModelProviderService`; its existence is checked when the service is read. */
  readonly providerService: string;
  /** The provider service was deleted since; nothing is sent there any more. */
  readonly isDeleted?: boolean;
  /** Target model at the provider. */
  readonly model: string;
  /** Inference paths that the model answers natively, where the destination says so. */
  readonly nativeApiTypes?: readonly string[];
  /** 0 to 100; the destinations of a service sum to 100. 0 on fallbacks. */
  readonly trafficPercentage: number;
}
