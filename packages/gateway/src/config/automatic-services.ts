import { canonicalModelName } from '../models/canonical-name.ts';
import { providerById, providers } from '../providers/index.ts';
import type { ModelProviderService, ModelService } from './gateway-config.ts';
import { ConfigError, type ConfigProblem } from './problems.ts';
import { declaredRecord } from './service-record.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the gateway registers by itself, and the environment variables that made it. */
export interface AutomaticServices {
  readonly providerServices: readonly ModelProviderService[];
  readonly modelServices: readonly ModelService[];
  readonly variables: readonly string[];
}

/**
 * For a configuration without model services: the declared provider services, then every provider whose
 * environment variable is set (unless one of its kind is declared), each with its models as
 * `system.ai.<model>`. Where that gives nothing, the demo provider. Of two models of one name the first stays.
 * @throws ConfigError when a variable's value cannot be used; the value is never shown.
 */
export function automaticServices(declared: readonly ModelProviderService[], env: Environment): AutomaticServices {
  const found = environmentServices(declared, env);
  const all = [...declared, ...found.services];
  if (all.length === 0) all.push(service(providerById('demo'), {}));
  const modelServices = new Map<string, ModelService>();
  for (const providerService of all) {
    for (const one of modelsOf(providerService)) {
      if (!modelServices.has(one.name)) modelServices.set(one.name, one);
    }
  }
  return { providerServices: all, modelServices: [...modelServices.values()], variables: found.variables };
}

function environmentServices(declared: readonly ModelProviderService[], env: Environment) {
  const services: ModelProviderService[] = [];
  const variables: string[] = [];
  const problems: ConfigProblem[] = [];
  for (const provider of providers) {
    const { environmentKey: key, fromEnvironment } = provider;
    const value = key === undefined ? undefined : env[key];
    if (key === undefined || !fromEnvironment || value === undefined || value === '') continue;
    if (declared.some((one) => one.provider === provider.id || one.name === defaultName(provider))) continue;
    try {
      services.push(service(provider, fromEnvironment(value, env)));
      variables.push(key);
    } catch (error) {
      problems.push(unusable(key, error));
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { services, variables };
}

function service(provider: (typeof providers)[number], given: unknown): ModelProviderService {
  return {
    ...declaredRecord(),
    name: defaultName(provider),
    comment: undefined,
    provider: provider.id,
    options: provider.options.parse(given),
    targets: [],
    allowAllTargets: true,
  };
}

function defaultName(provider: (typeof providers)[number]): string {
  return `main.default.${provider.id}`;
}

/** A service for each target; for each of the provider's default models where no targets are listed. */
function modelsOf(providerService: ModelProviderService): ModelService[] {
  const listed = providerService.targets.map(({ model }) => ({ service: leafName(model), model }));
  const models = listed.length > 0 ? listed : (providerById(providerService.provider).defaultModels ?? []);
  return models.map(({ service: leaf, model }) => ({
    ...declaredRecord(providerService.grants),
    name: `system.ai.${leaf}`,
    comment: undefined,
    tags: {},
    destinations: [{ name: model, providerService: providerService.name, model, trafficPercentage: 100 }],
    fallbacks: [],
    firstTokenTimeoutMs: undefined,
    inferenceTable: undefined,
  }));
}

/** A provider's model id as a name within a schema. */
function leafName(model: string): string {
  return canonicalModelName(model).replace(/[^a-z0-9_-]+/g, '-');
}

function unusable(key: string, error: unknown): ConfigProblem {
  // Schema errors say what is wrong without the value; of other errors that is not known.
  const issues = (error as { issues?: readonly { path: readonly PropertyKey[]; message: string }[] }).issues;
  const reasons = issues?.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim()).join(', ');
  return {
    file: 'environment',
    line: undefined,
    column: undefined,
    key,
    message: `the value cannot be used${reasons ? `: ${reasons}` : ''}`,
    cure: `Correct ${key} and the variables that go with it, or unset it`,
  };
}
