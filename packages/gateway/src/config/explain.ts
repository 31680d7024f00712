import { providerById } from '../providers/index.ts';
import { formatByteSize } from './byte-size.ts';
import { formatDuration } from './duration.ts';
import type { Destination, GatewayConfig, ModelProviderService, ModelService } from './gateway-config.ts';
import { provenanceOf } from './provenance.ts';
import { withoutSecrets } from './secret-references.ts';
import { limitsPlace } from './limits-settings.ts';
import { statePlace } from './state-settings.ts';

/** Options of providers that are addresses and never secrets. Everything else is shown as `***`. */
const SHOWN_OPTIONS = new Set(['base_url', 'host', 'region', 'project_id', 'api_version']);

/** The configuration in force as text for people: every value and where it is from, secrets as `***`. */
export function explainConfig(config: GatewayConfig): string {
  const { origins, secrets } = provenanceOf(config);
  const from = (key: string): string => (origins.has(key) ? `  (${origins.get(key)})` : '');
  const settings = serverSettings(config).map(
    ([key, value]) => [`  ${key}`, `${value}${from(`server.${key}`)}`] as const,
  );
  const users = config.users.map(
    (user) =>
      [`  ${user.name}`, `${user.groups.join(', ') || 'no groups'}${user.active ? '' : '; not active'}`] as const,
  );
  const text = [
    `Made from: ${config.sources.join(', ') || 'defaults only'}`,
    '',
    'server',
    ...aligned(settings),
    '',
    'lake',
    ...aligned(lakeSettings(config)),
    '',
    'sql',
    ...aligned(sqlSettings(config)),
    '',
    'state',
    ...aligned(stateSettings(config)),
    '',
    'limits',
    ...aligned(limitsSettings(config)),
    '',
    `users${from('users')}`,
    ...aligned(users),
    '',
    `model_provider_services${from('model_provider_services')}`,
    ...config.providerServices.flatMap(explainProvider),
    '',
    `model_services${from('model_services')}`,
    ...config.modelServices.flatMap(explainService),
  ].join('\n');
  return withoutSecrets(text, secrets);
}

function serverSettings({ server }: GatewayConfig): (readonly [string, string])[] {
  return [
    ['host', server.host],
    ['port', String(server.port)],
    ['data', server.dataDirectory],
    ['shutdown_grace', formatDuration(server.shutdownGraceMs)],
    ['max_body_bytes', formatByteSize(server.maxBodyBytes)],
    ['client_timeout', formatDuration(server.clientTimeoutMs)],
    ['first_byte_timeout', formatDuration(server.firstByteTimeoutMs)],
    ['idle_timeout', formatDuration(server.idleTimeoutMs)],
    ['keepalive_interval', formatDuration(server.keepaliveMs)],
    ['max_attempts', String(server.maxAttempts)],
    ['max_retry_after', formatDuration(server.maxRetryAfterMs)],
    ['allowed_private_networks', server.allowedPrivateNetworks.join(', ') || 'none'],
    ['spool_max_bytes', formatByteSize(server.spoolMaxBytes)],
    ['log_level', server.logLevel],
    ['workspace_id', server.workspaceId],
  ];
}

function lakeSettings({ lake }: GatewayConfig): (readonly [string, string])[] {
  const { s3 } = lake;
  return [
    ['  root', lake.root],
    ...(lake.root.startsWith('s3://')
      ? ([
          ['  s3.endpoint', s3.endpoint ?? "Amazon's"],
          ['  s3.region', s3.region],
          ['  s3.credentials', s3.accessKeyId === undefined ? 'of the environment' : '***'],
          ['  s3.path_style', String(s3.pathStyle)],
          ['  s3.cache_max_bytes', formatByteSize(s3.cacheMaxBytes)],
        ] as const)
      : []),
    ['  commit_interval', formatDuration(lake.commitIntervalMs)],
    ['  maintenance_interval', formatDuration(lake.maintenanceIntervalMs)],
    ['  memory_limit', formatByteSize(lake.memoryLimitBytes)],
    ['  usage_retention_days', String(lake.usageRetentionDays)],
    ['  audit_retention_days', String(lake.auditRetentionDays)],
    ['  telemetry_queue_max_bytes', formatByteSize(lake.telemetryQueueMaxBytes)],
    ['  otlp_max_bytes', formatByteSize(lake.otlpMaxBytes)],
  ];
}

function sqlSettings({ sql }: GatewayConfig): (readonly [string, string])[] {
  return [
    ['  timeout', formatDuration(sql.timeoutMs)],
    ['  memory_limit', formatByteSize(sql.memoryLimitBytes)],
    ['  max_rows', String(sql.maxRows)],
    ['  max_result_bytes', formatByteSize(sql.maxResultBytes)],
    ['  concurrency', String(sql.concurrency)],
    ['  queue', String(sql.queue)],
  ];
}

function stateSettings({ state }: GatewayConfig): (readonly [string, string])[] {
  return [
    ['  place', statePlace(state)],
    ['  max_connections', String(state.maxConnections)],
    ['  stale_limit', formatDuration(state.staleLimitMs)],
  ];
}

function limitsSettings({ limits }: GatewayConfig): (readonly [string, string])[] {
  return [
    ['  counted', limitsPlace(limits)],
    ['  when_unavailable', limits.whenUnavailable],
    ['  timeout', formatDuration(limits.timeoutMs)],
    ['  key_prefix', limits.keyPrefix],
    ['  output_estimate', String(limits.outputEstimate)],
    ['  cache_read_weight', String(limits.cacheReadWeight)],
  ];
}

function explainProvider(service: ModelProviderService): string[] {
  const provider = providerById(service.provider);
  const options = Object.entries((service.options ?? {}) as Record<string, unknown>)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${SHOWN_OPTIONS.has(key) && typeof value === 'string' ? value : '***'}`);
  const targets = service.targets.map((target) => target.model).join(', ');
  const models = service.allowAllTargets ? (targets ? `${targets}, and any other` : 'any') : targets || 'none';
  return [
    `  ${service.name}`,
    `    provider ${[provider.id, ...options].join(' ')}`,
    `    speaks ${Object.keys(provider.dialectsOf?.(service.options) ?? provider.dialects).join(', ')}`,
    `    models ${models}`,
  ];
}

function explainService(service: ModelService): string[] {
  const share = service.destinations.length > 1;
  return [
    `  ${service.name}`,
    ...service.destinations.map((one) => `    ${share ? `${one.trafficPercentage} % ` : ''}to ${place(one)}`),
    ...service.fallbacks.map((one) => `    else ${place(one)}`),
    ...(service.firstTokenTimeoutMs === undefined
      ? []
      : [`    next destination without a first byte in ${formatDuration(service.firstTokenTimeoutMs)}`]),
  ];
}

function place(destination: Destination): string {
  const named = destination.name.startsWith(destination.model) ? '' : ` as ${destination.name}`;
  return `${destination.model} at ${destination.providerService}${named}`;
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([key]) => key.length));
  return rows.map(([key, value]) => `${key.padEnd(width)}  ${value}`);
}
