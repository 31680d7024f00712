import { GatewayError } from '../../errors/gateway-error.ts';
import type { PriceBook } from '../../models/price-book.ts';
import type { AdmissionRequest, Rule, RuleSource } from '../admission.ts';
import type { BudgetIndex, SpendFacts } from './budget-index.ts';
import { countKey, subjectOf } from './budget-count.ts';
import { BudgetRule } from './budget-rule.ts';
import { windowOf } from './period.ts';
import { expectedCost, unpricedModel } from './reservation.ts';
import { limitsOf, type BudgetLimit, type ThresholdSubject } from './thresholds.ts';

export interface BudgetRulesOptions {
  /** The budgets in force. */
  readonly budgets: () => BudgetIndex;
  readonly prices: () => PriceBook;
  readonly workspaceId: () => string;
  /** HTTP status of the refusal that an agent shows best, by agent id; `undefined`: the catalogue's. */
  readonly refusalStatus?: (agent: string | undefined) => number | undefined;
  /** Whom to ask for more: named in refusals. */
  readonly contact?: () => string | undefined;
}

/** The budgets that a request is held against. */
export class BudgetRules implements RuleSource {
  readonly #options: BudgetRulesOptions;
  readonly #known: KnownLimits = new WeakMap();

  constructor(options: BudgetRulesOptions) {
    this.#options = options;
  }

  /** @throws GatewayError `policy_price_unknown` where models without a price are not served. */
  rulesFor(request: AdmissionRequest): readonly Rule[] {
    if (request.isFree === true) return NONE;
    const prices = this.#options.prices();
    if (prices.refusesUnknown) refuseUnpriced(request, prices);
    const index = this.#options.budgets();
    if (index.budgets.length === 0) return NONE;
    const limits = this.#limitsOf(index, request);
    if (limits.length === 0) return NONE;
    const amount = expectedCost(request.resolved, request.estimate, prices);
    const { at, agent } = request;
    const refusalStatus = this.#options.refusalStatus?.(agent);
    const contact = this.#options.contact?.();
    return limits.map(({ limit, subject, key }) => {
      const window = windowOf(limit.period, at);
      return new BudgetRule({ limit, window, subject, key, amount, at, refusalStatus, contact });
    });
  }

  /** The limits of all budgets that cover a caller's requests to a service. */
  #limitsOf(index: BudgetIndex, request: AdmissionRequest): readonly CountedLimit[] {
    const { principal, resolved } = request;
    const byCaller = innerMap(this.#known, index, () => new WeakMap());
    const byService = innerMap(byCaller, principal, () => new WeakMap<object, readonly CountedLimit[]>());
    let limits = byService.get(resolved.service);
    if (limits === undefined) {
      const budgets = index.matching(factsOf(request, this.#options.workspaceId()));
      const subject: ThresholdSubject = principal;
      limits = budgets.flatMap((budget) => limitsOf(budget, subject)).map((limit) => counted(limit, subject));
      byService.set(resolved.service, limits);
    }
    return limits;
  }
}

const NONE: readonly Rule[] = [];

/** A limit and whose count it is held against. */
interface CountedLimit {
  readonly limit: BudgetLimit;
  /** Empty: the sum is everybody's. */
  readonly subject: string;
  readonly key: string;
}

function counted(limit: BudgetLimit, { userName }: ThresholdSubject): CountedLimit {
  const subject = subjectOf(limit.scope, userName);
  return { limit, subject, key: countKey(limit.budget.id, subject) };
}

/** By budgets, by caller, by service: each is another object once it has changed. */
type KnownLimits = WeakMap<BudgetIndex, WeakMap<object, WeakMap<object, readonly CountedLimit[]>>>;

function innerMap<K extends object, V extends object>(maps: WeakMap<K, V>, key: K, make: () => V): V {
  let inner = maps.get(key);
  if (inner === undefined) maps.set(key, (inner = make()));
  return inner;
}

function factsOf({ principal, resolved }: AdmissionRequest, workspaceId: string): SpendFacts {
  return {
    requester: principal.userName,
    requesterType: principal.type,
    groups: principal.groups,
    workspaceId,
    service: resolved.service.name,
    tags: resolved.kind === 'model-service' ? resolved.service.tags : {},
  };
}

function refuseUnpriced({ resolved }: AdmissionRequest, prices: PriceBook): void {
  const model = unpricedModel(resolved, prices);
  if (model === undefined) return;
  throw new GatewayError(
    'policy_price_unknown',
    `The model '${model.slice(0, 120)}' has no price, and this gateway serves no model without one. Ask an administrator to add it to prices.models.`,
    { param: 'model' },
  );
}
