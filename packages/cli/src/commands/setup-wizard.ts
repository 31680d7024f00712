import type { Agent } from '../agents/agent.ts';
import { asObject, asText } from '../lib/json-object.ts';
import { dollars } from '../lib/decimal.ts';
import { modelsFor } from '../setup/agent-setup.ts';
import type { CheckOptions } from '../setup/managed/check.ts';
import {
  agentOfWireName,
  enabledAgents,
  modelConfigOf,
  spendTiers,
  wireNames,
  type Definition,
} from '../setup/managed/definition.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What answers these questions where nobody can be asked. */
const FLAG = { flag: '--from-file FILE' };

/**
 * Asks what everybody's agents are set up with: agents, a model for each, the default agent, spend tiers, telemetry. What
 * is not asked for stays as it is in `before`, fields that we do not know too.
 */
export async function askDefinition(
  terminal: Terminal,
  before: Definition,
  options: CheckOptions,
): Promise<Definition> {
  const known = enabledAgents(before);
  const usable = options.agents.filter((agent) => modelsFor(agent, options.models).length > 0);
  const agents = await terminal.chooseSeveral(
    'Which agents may be used?',
    usable.map((agent) => ({
      value: agent,
      label: agent.displayName,
      selected: known === undefined || known.some(({ agent: name }) => name === wireNames[agent.id]),
    })),
    FLAG,
  );
  const enabled: { readonly agent: string; readonly config: Record<string, unknown> }[] = [];
  for (const agent of agents) {
    const name = wireNames[agent.id] ?? '';
    const config = known?.find((one) => one.agent === name)?.config ?? {};
    const modelConfig = modelConfigOf(config, agent.id);
    const model = await askModel(terminal, agent, asText(modelConfig['default_model']), options);
    const others = asObject(config['model_config']) ?? {};
    enabled.push({
      agent: name,
      config: { ...config, model_config: { ...others, [agent.id]: { ...modelConfig, default_model: model } } },
    });
  }
  const definition = {
    ...before,
    enabled_agents: enabled,
    default_agent: await askDefaultAgent(terminal, agents, before),
    tracing: await askTelemetry(terminal, before),
  };
  const wantsTiers =
    options.budgets.length > 0 &&
    (await terminal.confirm('Shall the default model depend on what somebody has spent?', {
      ...FLAG,
      initial: spendTiers(before).length > 0,
    }));
  return { ...definition, budget_policy: wantsTiers ? await askSpendTiers(terminal, definition, options) : undefined };
}

/** Asks for the budget and its tiers, the lowest share first, until no more are wanted. @throws Error where there is no budget for it. */
export async function askSpendTiers(
  terminal: Terminal,
  before: Definition,
  options: CheckOptions,
): Promise<Record<string, unknown>> {
  if (options.budgets.length === 0) {
    throw new Error('Spend tiers need a budget that blocks each user at a threshold. There is none yet.');
  }
  const agents = options.agents.filter(({ id }) =>
    (enabledAgents(before) ?? []).some(({ agent }) => agent === wireNames[id]),
  );
  const budget = await terminal.choose(
    'Share of which budget?',
    options.budgets.map((one) => ({ value: one, label: one.name, hint: `${dollars(one.threshold)} each` })),
    FLAG,
  );
  const tiers: Record<string, unknown>[] = [];
  do {
    const share = await askShare(terminal, tiers.length === 0 ? '50' : '80');
    const agent = await askAgent(terminal, `Default agent from ${share} % on?`, agents);
    const model = await askModel(terminal, agent, undefined, options);
    tiers.push({ spending_percentage: share / 100, default_agent: wireNames[agent.id] ?? '', default_model: model });
  } while (await terminal.confirm('Another tier?', { ...FLAG, initial: false }));
  const policy = asObject(before['budget_policy']) ?? {};
  return { ...policy, budget_id: budget.id, display_name: budget.name, tiers };
}

async function askShare(terminal: Terminal, placeholder: string): Promise<number> {
  for (;;) {
    const share = Number(
      (await terminal.ask('From how many percent of it on?', { ...FLAG, placeholder })).replace('%', ''),
    );
    if (share >= 0 && share <= 100) return share;
    terminal.note('A number from 0 to 100, please.');
  }
}

function askAgent(terminal: Terminal, question: string, agents: readonly Agent[]): Promise<Agent> {
  return terminal.choose(
    question,
    agents.map((agent) => ({ value: agent, label: agent.displayName })),
    FLAG,
  );
}

async function askDefaultAgent(terminal: Terminal, agents: readonly Agent[], before: Definition): Promise<string> {
  const [only] = agents;
  const first = agentOfWireName(before['default_agent']);
  const sorted = agents.toSorted((left, right) => Number(right.id === first) - Number(left.id === first));
  const chosen =
    agents.length === 1 && only ? only : await askAgent(terminal, 'Which one does a bare ucode start?', sorted);
  return wireNames[chosen.id] ?? '';
}

function askModel(
  terminal: Terminal,
  agent: Agent,
  current: string | undefined,
  { models }: Pick<CheckOptions, 'models'>,
): Promise<string> {
  const fitting = modelsFor(agent, models);
  const first = current ?? agent.defaultModel(fitting)?.id;
  return terminal.choose(
    `Default model of ${agent.displayName}?`,
    fitting
      .toSorted((left, right) => Number(right.id === first) - Number(left.id === first))
      .map(({ id, name }) => ({ value: id, label: name, hint: id })),
    FLAG,
  );
}

async function askTelemetry(terminal: Terminal, before: Definition): Promise<Record<string, unknown> | undefined> {
  const known = asText(asObject(before['tracing'])?.['table']);
  const wanted = await terminal.confirm("Shall the agents' own telemetry go into tables here?", {
    ...FLAG,
    initial: known !== undefined,
  });
  if (!wanted) return undefined;
  const table = await terminal.ask('Beginning of the names of its tables?', {
    ...FLAG,
    placeholder: known ?? 'main.default.agents',
  });
  return { ...asObject(before['tracing']), table: table || (known ?? 'main.default.agents') };
}
