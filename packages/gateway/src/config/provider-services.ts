import { modeOf, providerBlocks, providersOfBlock, type providers } from '../providers/index.ts';
import type { ModelProviderService } from './gateway-config.ts';
import type { KeyPath, Report } from './problems.ts';
import { providerConfigKeys, type ModelServiceEntry, type ProviderServiceEntry } from './schema.ts';
import { reportIssues, reportUnknownKey } from './schema-problems.ts';
import { readRateLimits } from './rate-limit-schema.ts';
import { declaredRecord } from './service-record.ts';

const KEY = 'model_provider_services';

type AnyProvider = (typeof providers)[number];

/** Checks the entries of `model_provider_services` and reads each provider's own options. */
export function readProviderServices(
  entries: readonly ProviderServiceEntry[],
  report: Report,
): readonly ModelProviderService[] {
  const seen = new Map<string, number>();
  const services: ModelProviderService[] = [];
  for (const [index, entry] of entries.entries()) {
    const first = seen.get(entry.name.toLowerCase());
    if (first === undefined) seen.set(entry.name.toLowerCase(), index);
    else
      report([KEY, index, 'name'], `the name '${entry.name}' is already taken by ${KEY}[${first}]`, 'Choose another');
    const service = readProviderService(entry, [KEY, index], report);
    if (service) services.push(service);
  }
  return services;
}

/**
 * The services with the `native_api_types` that destinations declare, where the service's own target of that
 * model has none: the resources have both places for one fact.
 */
export function withDestinationTypes(
  services: readonly ModelProviderService[],
  models: readonly ModelServiceEntry[],
): readonly ModelProviderService[] {
  const configs = models
    .flatMap(({ config: { routing } }) => [...routing.destinations, ...routing.fallback.destinations])
    .map((destination) => destination.external_model_config)
    .filter(({ target }) => (target.native_api_types?.length ?? 0) > 0);
  return services.map((service) => {
    const targets = new Map(service.targets.map((target) => [target.model, target]));
    for (const { model_provider_service: name, target } of configs) {
      if (name !== service.name || (targets.get(target.model)?.nativeApiTypes.length ?? 0) > 0) continue;
      targets.set(target.model, { model: target.model, nativeApiTypes: target.native_api_types ?? [] });
    }
    return { ...service, targets: [...targets.values()] };
  });
}

/** Whether a provider service may be asked for a model. */
export function isAllowedTarget(service: ModelProviderService, model: string): boolean {
  return service.allowAllTargets || service.targets.some((target) => target.model === model);
}

/** Checks one provider service. `at` is where it stands. @returns `undefined` where its provider cannot be read. */
export function readProviderService(
  entry: ProviderServiceEntry,
  at: KeyPath,
  report: Report,
): ModelProviderService | undefined {
  const { targets, allow_all_targets: allowAll } = entry.config;
  const key = findBlock(entry, at, report);
  if (key === undefined) return undefined;
  const read = readBlock(key, entry.config[key], [...at, 'config', key], report);
  const given = entry.config.provider_type;
  const { providerType } = read?.provider ?? providersOfBlock(key)[0]!;
  if (given !== undefined && given !== providerType) {
    report(
      [...at, 'config', 'provider_type'],
      `does not fit the block '${key}', which is ${providerType}`,
      'Remove provider_type, or use the block of that provider',
    );
  }
  for (const [index, target] of targets.entries()) {
    if (targets.findIndex((other) => other.model === target.model) < index) {
      report([...at, 'config', 'targets', index, 'model'], `'${target.model}' is listed twice`, 'Remove one of them');
    }
  }
  if (!read) return undefined;
  return {
    ...declaredRecord(entry.grants),
    name: entry.name,
    comment: entry.comment,
    provider: read.provider.id,
    options: read.options,
    targets: targets.map((target) => ({ model: target.model, nativeApiTypes: target.native_api_types ?? [] })),
    allowAllTargets: allowAll ?? targets.length === 0,
    rateLimits: entry.config.rate_limits && readRateLimits(entry.config.rate_limits),
  };
}

/** The key of the one block of a provider in `config`. */
function findBlock(entry: ProviderServiceEntry, at: KeyPath, report: Report): string | undefined {
  const found: string[] = [];
  let unknown = 0;
  for (const key of Object.keys(entry.config)) {
    if (Object.hasOwn(providerConfigKeys, key)) continue;
    if (providersOfBlock(key).length > 0) {
      found.push(key);
    } else {
      unknown++;
      reportUnknownKey([...at, 'config', key], [...providerBlocks, ...Object.keys(providerConfigKeys)], report);
    }
  }
  if (found.length > 1) {
    const keys = found.map((one) => `'${one}'`).join(' and ');
    report([...at, 'config', found[1]!], `there is more than one provider: ${keys}`, 'Keep one block for each service');
    return undefined;
  }
  if (found.length === 0 && unknown === 0) {
    report([...at, 'config'], 'no provider is named', `Add one of the blocks: ${providerBlocks.join(', ')}`);
  }
  return found[0];
}

/** Provider and options from `<block>.<mode>`; a block without a mode is `direct`, without options. */
function readBlock(
  key: string,
  block: unknown,
  at: KeyPath,
  report: Report,
): { readonly provider: AnyProvider; readonly options: unknown } | undefined {
  if (block !== null && (typeof block !== 'object' || Array.isArray(block))) {
    report(at, 'expected a map with the key direct', 'Write `direct:` and the options below it');
    return undefined;
  }
  const given = { ...(block as Record<string, unknown> | null) };
  const offered = providersOfBlock(key);
  const modes = Object.keys(given).filter((mode) => offered.some((provider) => modeOf(provider) === mode));
  for (const unknown of Object.keys(given).filter((mode) => !modes.includes(mode))) {
    reportUnknownKey([...at, unknown], offered.map(modeOf), report);
  }
  if (modes.length > 1) {
    report([...at, modes[1]!], `does not go together with ${modes[0]}`, 'Keep one of them');
    return undefined;
  }
  const mode = modes[0] ?? 'direct';
  // Another way to reach the provider was meant: what is missing in `direct` is not the point.
  if (modes.length === 0 && Object.keys(given).length > 0) return undefined;
  const provider = offered.find((one) => modeOf(one) === mode);
  const parsed = provider?.options.safeParse(given[mode] ?? {});
  if (!provider || !parsed) return undefined;
  if (parsed.success) return { provider, options: parsed.data };
  reportIssues(parsed.error.issues, [...at, mode], report);
  return undefined;
}
