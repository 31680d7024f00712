import { providerByBlock, providers } from '../providers/index.ts';
import type { ModelProviderService } from './gateway-config.ts';
import type { KeyPath, Report } from './problems.ts';
import { providerConfigKeys, type ModelServiceEntry, type ProviderServiceEntry } from './schema.ts';
import { reportIssues, reportUnknownKey } from './schema-problems.ts';

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

function readProviderService(
  entry: ProviderServiceEntry,
  at: KeyPath,
  report: Report,
): ModelProviderService | undefined {
  const { targets, allow_all_targets: allowAll } = entry.config;
  const block = findBlock(entry, at, report);
  if (!block) return undefined;
  const { provider, key } = block;
  const given = entry.config.provider_type;
  if (given !== undefined && given !== provider.providerType) {
    report(
      [...at, 'config', 'provider_type'],
      `does not fit the block '${key}', which is ${provider.providerType}`,
      'Remove provider_type, or use the block of that provider',
    );
  }
  for (const [index, target] of targets.entries()) {
    if (targets.findIndex((other) => other.model === target.model) < index) {
      report([...at, 'config', 'targets', index, 'model'], `'${target.model}' is listed twice`, 'Remove one of them');
    }
  }
  const options = readOptions(provider, entry.config[key], [...at, 'config', key], report);
  if (options === undefined) return undefined;
  return {
    name: entry.name,
    comment: entry.comment,
    provider: provider.id,
    options,
    targets: targets.map((target) => ({ model: target.model, nativeApiTypes: target.native_api_types ?? [] })),
    allowAllTargets: allowAll ?? targets.length === 0,
  };
}

/** The one block of a provider among the keys of `config`. */
function findBlock(
  entry: ProviderServiceEntry,
  at: KeyPath,
  report: Report,
): { readonly provider: AnyProvider; readonly key: string } | undefined {
  const known = providers.map((provider) => provider.block);
  const found: { provider: AnyProvider; key: string }[] = [];
  let unknown = 0;
  for (const key of Object.keys(entry.config)) {
    if (Object.hasOwn(providerConfigKeys, key)) continue;
    const provider = tryBlock(key);
    if (provider) {
      found.push({ provider, key });
    } else {
      unknown++;
      reportUnknownKey([...at, 'config', key], [...known, ...Object.keys(providerConfigKeys)], report);
    }
  }
  if (found.length > 1) {
    const keys = found.map((one) => `'${one.key}'`).join(' and ');
    report(
      [...at, 'config', found[1]!.key],
      `there is more than one provider: ${keys}`,
      'Keep one block for each service',
    );
    return undefined;
  }
  if (found.length === 0 && unknown === 0) {
    report([...at, 'config'], 'no provider is named', `Add one of the blocks: ${known.join(', ')}`);
  }
  return found[0];
}

function tryBlock(key: string): AnyProvider | undefined {
  try {
    return providerByBlock(key);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Options from `<block>.direct`; a block without it has none. */
function readOptions(provider: AnyProvider, block: unknown, at: KeyPath, report: Report): unknown {
  if (block !== null && (typeof block !== 'object' || Array.isArray(block))) {
    report(at, 'expected a map with the key direct', 'Write `direct:` and the options below it');
    return undefined;
  }
  const { direct, ...rest } = { ...(block as Record<string, unknown> | null) };
  for (const key of Object.keys(rest)) reportUnknownKey([...at, key], ['direct'], report);
  // Another way to reach the provider was meant: what is missing in `direct` is not the point.
  if (direct === undefined && Object.keys(rest).length > 0) return undefined;
  const parsed = provider.options.safeParse(direct ?? {});
  if (parsed.success) return parsed.data;
  reportIssues(parsed.error.issues, [...at, 'direct'], report);
  return undefined;
}
