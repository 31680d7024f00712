import { GatewayError } from '../../errors/gateway-error.ts';
import type { PriceBook } from '../../models/price-book.ts';
import type { AdmissionRequest, Rule, RuleSource } from '../admission.ts';
import type { BudgetIndex, SpendFacts } from './budget-index.ts';
import { subjectOf } from './budget-count.ts';
import { BudgetRule } from './budget-rule.ts';
import { windowOf } from './period.ts';
import { expectedCost, unpricedModel } from './reservation.ts';
import { limitsOf, type ThresholdSubject } from './thresholds.ts';

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

  constructor(options: BudgetRulesOptions) {
    this.#options = options;
  }

  /** @throws GatewayError `policy_price_unknown` where models without a price are not served. */
  rulesFor(request: AdmissionRequest): readonly Rule[] {
    const prices = this.#options.prices();
    if (prices.refusesUnknown) refuseUnpriced(request, prices);
    const index = this.#options.budgets();
    if (index.budgets.length === 0) return NONE;
    const budgets = index.matching(factsOf(request, this.#options.workspaceId()));
    if (budgets.length === 0) return NONE;
    const subject: ThresholdSubject = request.principal;
    const limits = budgets.flatMap((budget) => limitsOf(budget, subject));
    if (limits.length === 0) return NONE;
    const amount = expectedCost(request.resolved, request.estimate, prices);
    const { at, agent } = request;
    const refusalStatus = this.#options.refusalStatus?.(agent);
    const contact = this.#options.contact?.();
    return limits.map((limit) => {
      const window = windowOf(limit.period, at);
      const whose = subjectOf(limit.scope, request.principal.userName);
      return new BudgetRule({ limit, window, subject: whose, amount, at, refusalStatus, contact });
    });
  }
}

const NONE: readonly Rule[] = [];

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
