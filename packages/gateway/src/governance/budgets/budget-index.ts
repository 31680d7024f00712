import type { Budget } from '../../config/budgets-settings.ts';

/** What budgets ask of a request, before it is served or after. */
export interface SpendFacts {
  /** `userName`, as it is. */
  readonly requester: string;
  readonly requesterType: 'USER' | 'SERVICE_PRINCIPAL';
  /** Display names of its groups. */
  readonly groups: readonly string[];
  readonly workspaceId: string;
  /** Full name of the model service, or of the provider service called directly; empty where none was reached. */
  readonly service: string;
  /** Tags of the service. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Finds the budgets that cover a request among many, without looking at all of them. Made anew when they change. */
export class BudgetIndex {
  readonly budgets: readonly Budget[];
  readonly #byKey = new Map<string, Budget[]>();
  readonly #others: Budget[] = [];
  readonly #asksTags: boolean;

  constructor(budgets: readonly Budget[]) {
    this.budgets = budgets;
    for (const budget of budgets) {
      const keys = narrowestKeys(budget);
      if (keys.length === 0) this.#others.push(budget);
      for (const key of new Set(keys)) {
        const list = this.#byKey.get(key);
        if (list) list.push(budget);
        else this.#byKey.set(key, [budget]);
      }
    }
    this.#asksTags = [...this.#byKey.keys()].some((key) => key.startsWith('tag'));
  }

  /** The budgets that cover it, each once. */
  matching(facts: SpendFacts): readonly Budget[] {
    if (this.budgets.length === 0) return NONE;
    const found = this.#others.filter((budget) => covers(budget, facts));
    if (this.#byKey.size === 0) return found;
    const keys = [
      principalKey(facts.requesterType, facts.requester),
      ...facts.groups.map((group) => `group\n${group.toLowerCase()}`),
      `service\n${facts.service.toLowerCase()}`,
      ...(this.#asksTags ? Object.entries(facts.tags).map(([key, value]) => `tag\n${key}\n${value}`) : []),
    ];
    const seen = new Set<Budget>();
    for (const key of keys) {
      for (const budget of this.#byKey.get(key) ?? NONE) {
        if (seen.has(budget) || !covers(budget, facts)) continue;
        seen.add(budget);
        found.push(budget);
      }
    }
    return found;
  }
}

const NONE: readonly Budget[] = [];

/** What a request must have at least one of to be covered; empty where anything may be. */
function narrowestKeys({ filter }: Budget): string[] {
  const principals = [
    ...(filter.users ?? []).map((name) => principalKey('USER', name)),
    ...(filter.servicePrincipals ?? []).map((name) => principalKey('SERVICE_PRINCIPAL', name)),
    ...(filter.groups ?? []).map((name) => `group\n${name.toLowerCase()}`),
  ];
  if (principals.length > 0) return principals;
  if (filter.services !== undefined) return filter.services.map((name) => `service\n${name.toLowerCase()}`);
  const tag = filter.tags[0];
  return tag === undefined ? [] : tag.values.map((value) => `tag\n${tag.key}\n${value}`);
}

/** Whether a budget counts the request. */
export function covers({ filter }: Budget, facts: SpendFacts): boolean {
  const { users, groups, servicePrincipals, services, workspaceIds, tags } = filter;
  if (workspaceIds !== undefined && !workspaceIds.includes(facts.workspaceId)) return false;
  if (services !== undefined && !includesName(services, facts.service)) return false;
  if (!tags.every(({ key, values }) => values.includes(ownTag(facts.tags, key)))) return false;
  if (users === undefined && groups === undefined && servicePrincipals === undefined) return true;
  const named = facts.requesterType === 'USER' ? users : servicePrincipals;
  if (named !== undefined && includesName(named, facts.requester)) return true;
  return groups !== undefined && facts.groups.some((group) => includesName(groups, group));
}

/** Never a key of `Object.prototype`. A tag that is not there fits nothing, as values are never empty. */
function ownTag(tags: Readonly<Record<string, string>>, key: string): string {
  return Object.hasOwn(tags, key) ? (tags[key] ?? '') : '';
}

/** Names are compared without regard to case, as log-in names are. */
function includesName(names: readonly string[], name: string): boolean {
  const lower = name.toLowerCase();
  return names.some((one) => one.toLowerCase() === lower);
}

function principalKey(type: SpendFacts['requesterType'], name: string): string {
  return `${type}\n${name.toLowerCase()}`;
}
