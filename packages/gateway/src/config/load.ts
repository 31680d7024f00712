import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { automaticServices } from './automatic-services.ts';
import { readEncryption } from './encryption-settings.ts';
import { readBudgets } from './budgets-settings.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { readGroups, readServicePrincipals, reportGroupNames } from './identity-settings.ts';
import { readLake, readSql } from './lake-settings.ts';
import { readLimits } from './limits-settings.ts';
import { readModelServices } from './model-services.ts';
import { readNotifications } from './notifications-settings.ts';
import { readPrices } from './prices-settings.ts';
import { ConfigError, renderKey, type ConfigProblem, type Report } from './problems.ts';
import { recordProvenance } from './provenance.ts';
import { readProviderServices, withDestinationTypes } from './provider-services.ts';
import { configSchema, type ConfigFile } from './schema.ts';
import { reportIssues } from './schema-problems.ts';
import { readIdentity } from './sso-settings.ts';
import { resolveReferences, withoutSecrets } from './secret-references.ts';
import { readServer, type ServerSettings } from './server-settings.ts';
import { readState } from './state-settings.ts';
import { readUsers } from './users.ts';
import { YamlSource } from './yaml-source.ts';

/** Where the configuration comes from. Flags win over the environment, that over the file, that over defaults. */
export interface LoadOptions extends ServerSettings {
  /** Path of gateway.yaml. Else `UCODE_GATEWAY_CONFIG`; else there is no file and defaults serve. */
  readonly file?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The configuration in force. Reads the file and the files it refers to, nothing else.
 * @throws ConfigError with every problem found, each with file, line, key and cure; without secrets.
 */
export async function loadConfig(options: LoadOptions): Promise<GatewayConfig> {
  const file = options.file ?? (options.env['UCODE_GATEWAY_CONFIG'] || undefined);
  const source = file === undefined ? undefined : new YamlSource(file, await readText(file));
  const problems: ConfigProblem[] = [];
  const report: Report = (at, message, cure) => {
    const key = renderKey(at);
    // One problem for each key: what is wrong first (a missing secret) explains the rest.
    if (problems.some((problem) => problem.key === key)) return;
    const nowhere = { file: 'defaults', line: undefined, column: undefined, key, message, cure };
    problems.push(source ? source.problem(at, message, cure) : nowhere);
  };
  const directory = file === undefined ? process.cwd() : path.dirname(path.resolve(file));
  const { value, secrets } = resolveReferences(source?.value ?? {}, { env: options.env, directory }, report);
  try {
    const parsed = configSchema.safeParse(value);
    if (!parsed.success) {
      reportIssues(parsed.error.issues, [], report);
      throw new ConfigError(problems);
    }
    return build(parsed.data, value as Record<string, unknown>, {
      options,
      file,
      directory,
      secrets,
      problems,
      report,
    });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.problems.map((problem) => clean(problem, secrets)).toSorted(byPlace));
  }
}

interface Loading {
  readonly options: LoadOptions;
  readonly file: string | undefined;
  readonly directory: string;
  readonly secrets: readonly string[];
  readonly problems: readonly ConfigProblem[];
  readonly report: Report;
}

function build(content: ConfigFile, written: Record<string, unknown>, loading: Loading): GatewayConfig {
  const { options, file, directory, problems, report } = loading;
  const users = readUsers(content.users, report);
  const groups = readGroups(content.groups, report);
  const servicePrincipals = readServicePrincipals(content.service_principals, users, report);
  reportGroupNames(users, servicePrincipals, groups, report);
  const identity = readIdentity(content.identity, directory, report);
  const declared = readProviderServices(content.model_provider_services, report);
  const known = { entries: content.model_provider_services, services: declared };
  const models = readModelServices(content.model_services, known, report);
  const budgets = readBudgets(content.budgets, report);
  const settings = readServer(content.server, written['server'], { options, directory });
  const stored = readState(content.state, options.env);
  const counted = readLimits(content.limits, options.env);
  const all = [...problems, ...settings.problems, ...stored.problems, ...counted.problems];
  if (all.length > 0) throw new ConfigError(all);

  const automatic = models.length > 0 ? undefined : automaticServices(declared, options.env);
  const variables = automatic?.variables ?? [];
  const origins = new Map(settings.origins);
  origins.set('users', written['users'] === undefined ? 'default' : 'file');
  origins.set('model_provider_services', origin(declared.length > 0, variables));
  origins.set('model_services', models.length > 0 ? 'file' : 'automatic');
  const config: GatewayConfig = {
    server: settings.server,
    lake: readLake(content.lake, { directory, dataDirectory: settings.server.dataDirectory }),
    sql: readSql(content.sql),
    state: stored.state,
    limits: counted.limits,
    encryption: readEncryption(content.encryption),
    users,
    groups,
    servicePrincipals,
    identity,
    providerServices: automatic?.providerServices ?? withDestinationTypes(declared, content.model_services),
    modelServices: automatic?.modelServices ?? models,
    prices: readPrices(content.prices),
    budgets,
    notifications: readNotifications(content.notifications),
    sources: [
      ...(file === undefined ? [] : [path.resolve(file)]),
      ...settings.variables,
      ...stored.variables,
      ...counted.variables,
      ...variables,
    ],
  };
  const values = variables.map((name) => options.env[name] ?? '');
  return recordProvenance(config, {
    origins,
    secrets: [...loading.secrets, ...stored.secrets, ...counted.secrets, ...values],
  });
}

function origin(isDeclared: boolean, variables: readonly string[]): string {
  const parts = [...(isDeclared ? ['file'] : []), ...variables];
  return parts.length > 0 ? parts.join(', ') : 'automatic';
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message = `the file cannot be read (${code ?? 'unknown error'})`;
    const cure = 'Name an existing file with --config or UCODE_GATEWAY_CONFIG, or leave both out to run on defaults';
    throw new ConfigError([{ file, line: undefined, column: undefined, key: '', message, cure }]);
  }
}

function byPlace(a: ConfigProblem, b: ConfigProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

function clean(problem: ConfigProblem, secrets: readonly string[]): ConfigProblem {
  return {
    ...problem,
    key: withoutSecrets(problem.key, secrets),
    message: withoutSecrets(problem.message, secrets),
    cure: withoutSecrets(problem.cure, secrets),
  };
}
