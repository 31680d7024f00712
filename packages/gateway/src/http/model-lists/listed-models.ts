import type { GatewayConfig, ModelService } from '../../config/gateway-config.ts';
import type { DialectId, Operation } from '../../dialects/dialect.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { bareModelName } from '../../models/canonical-name.ts';
import { findModelFacts } from '../../models/index.ts';
import { displayName } from '../rest/display-name.ts';
import { speaksNatively } from '../rest/native-api-types.ts';
import { byKey } from '../rest/pagination.ts';

/** A model service as a list shows it. Unknown limits are absent. */
export interface ListedModel {
  readonly service: ModelService;
  readonly displayName: string;
  readonly contextWindow: number | undefined;
  readonly maxOutputTokens: number | undefined;
}

/** One API a family takes models from. */
export type NativeApi = readonly [DialectId, Operation];

/** The services that speak one of `apis` natively, sorted by name. */
export function listedModels(config: GatewayConfig, apis: readonly NativeApi[]): ListedModel[] {
  return config.modelServices
    .filter((service) => apis.some(([dialect, operation]) => speaksNatively(config, service, dialect, operation)))
    .toSorted(byKey((service) => service.name))
    .map(describe);
}

/**
 * The listed model that a caller names, in any spelling that inference takes.
 * @throws GatewayError `caller_model_not_found`
 */
export function listedModel(config: GatewayConfig, apis: readonly NativeApi[], name: string): ListedModel {
  const models = listedModels(config, apis);
  const bare = bareModelName(name);
  const found =
    models.find(({ service }) => service.name === name) ??
    models.find(({ service }) => bareModelName(service.name) === bare);
  if (found) return found;
  throw new GatewayError('caller_model_not_found', 'The model does not exist, or you may not use it.', {
    param: 'model',
  });
}

/** Limits are those of the model behind the first destination: that is what a call meets. */
function describe(service: ModelService): ListedModel {
  const target = service.destinations[0]?.model;
  const facts = (target === undefined ? undefined : findModelFacts(target)) ?? findModelFacts(service.name);
  return {
    service,
    displayName: displayName(service.name),
    contextWindow: facts?.contextWindow,
    maxOutputTokens: facts?.maxOutputTokens,
  };
}
