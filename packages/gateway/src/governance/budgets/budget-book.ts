import { randomUUID } from 'node:crypto';
import { budgetBodySchema, MOST_BUDGETS, type BudgetEntry } from '../../config/budgets-schema.ts';
import { budgetOf, type Budget } from '../../config/budgets-settings.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import {
  budgetRevision,
  deleteBudget,
  insertBudget,
  readBudgetRows,
  updateBudget,
} from '../../state/budget-repository.ts';
import { LiveImage, type ChangeWatcher } from '../../state/live-image.ts';
import type { Queryable } from '../../state/store.ts';
import { BudgetIndex } from './budget-index.ts';
import { budgetJson, filterJson } from './budget-json.ts';

interface Stored {
  readonly revision: number;
  readonly budgets: readonly Budget[];
}

/**
 * Every budget: those of the configuration, which the API cannot change, and those made by API. A budget's scope stays
 * as it was made (unity-ai-gateway 8); its name, thresholds and actions may change.
 */
export class BudgetBook {
  readonly #image: LiveImage<Stored>;
  readonly #configured: () => readonly Budget[];
  #index: { readonly configured: readonly Budget[]; readonly stored: Stored; readonly index: BudgetIndex } | undefined;

  private constructor(image: LiveImage<Stored>, configured: () => readonly Budget[]) {
    this.#image = image;
    this.#configured = configured;
  }

  /** @param configured those of the configuration in force; the same array as long as it is the same. */
  static async open(watcher: ChangeWatcher, configured: () => readonly Budget[]): Promise<BudgetBook> {
    return new BudgetBook(await LiveImage.open(watcher, 'budgets', readStored), configured);
  }

  /** From memory. A new object after every change. */
  get index(): BudgetIndex {
    const configured = this.#configured();
    const stored = this.#image.current;
    const known = this.#index;
    if (known !== undefined && known.configured === configured && known.stored === stored) return known.index;
    const index = new BudgetIndex([...configured, ...stored.budgets]);
    this.#index = { configured, stored, index };
    return index;
  }

  /** Number of the change by API that `index` has, at least. */
  get revision(): number {
    return this.#image.current.revision;
  }

  onChange(listener: () => void): void {
    this.#image.onChange(() => listener());
  }

  /** Brings `index` up to date with changes of other gateways. */
  refresh(): Promise<void> {
    return this.#image.refresh();
  }

  /** @throws GatewayError `caller_not_found` */
  get(id: string): Budget {
    const budget = this.index.budgets.find((one) => one.id === id);
    if (!budget) throw new GatewayError('caller_not_found', 'There is no budget of that id.');
    return budget;
  }

  /** @throws GatewayError `caller_invalid_parameter` where there are too many. */
  async create(entry: BudgetEntry, now: number): Promise<Budget> {
    const facts = { id: randomUUID(), source: 'api', createdAt: now, updatedAt: now } as const;
    const budget = budgetOf(withoutIds(entry), facts, () => randomUUID());
    await this.#image.change(async (tx) => {
      const { length } = await readBudgetRows(tx);
      if (length + this.#configured().length >= MOST_BUDGETS) {
        throw new GatewayError(
          'caller_invalid_parameter',
          `There are ${MOST_BUDGETS} budgets already, the most there may be.`,
        );
      }
      await insertBudget(tx, { ...facts, definition: JSON.stringify(budgetJson(budget)) });
    });
    return budget;
  }

  /**
   * Replaces name, thresholds and actions. Alerts keep their ids where the entry names them.
   * @throws GatewayError `caller_not_found`; `caller_invalid_state` for one of the configuration, or another scope.
   */
  async update(
    id: string,
    entry: BudgetEntry,
    now: number,
  ): Promise<{ readonly before: Budget; readonly after: Budget }> {
    return this.#image.change(async (tx) => {
      const before = await this.#changeable(tx, id);
      const facts = { id, source: 'api', createdAt: before.createdAt, updatedAt: now } as const;
      const after = budgetOf(knownIdsOnly(entry, before), facts, () => randomUUID());
      if (scopeOf(after) !== scopeOf(before)) {
        throw new GatewayError(
          'caller_invalid_state',
          'The scope of a budget cannot be changed. Make another budget.',
          {
            param: 'budget.filter',
          },
        );
      }
      const definition = JSON.stringify(budgetJson(after));
      if (!(await updateBudget(tx, { id, definition, updatedAt: now }))) throw notThere();
      return { before, after };
    });
  }

  /** Removes a budget and its sums. @throws as `update`. */
  async delete(id: string): Promise<Budget> {
    return this.#image.change(async (tx) => {
      const before = await this.#changeable(tx, id);
      if (!(await deleteBudget(tx, id))) throw notThere();
      return before;
    });
  }

  async #changeable(tx: Queryable, id: string): Promise<Budget> {
    if (this.#configured().some((budget) => budget.id === id)) {
      throw new GatewayError(
        'caller_invalid_state',
        'The budget is declared in the configuration file. Change it there.',
      );
    }
    const row = (await readBudgetRows(tx)).find((one) => one.id === id);
    if (row === undefined) throw notThere();
    return budgetOfRow(row);
  }
}

/** The same for the same scope, in whatever order its values stand. */
function scopeOf({ filter }: Budget): string {
  return JSON.stringify(filterJson(filter), (_, value: unknown) =>
    Array.isArray(value) ? value.map((item) => JSON.stringify(item)).toSorted() : value,
  );
}

function notThere(): GatewayError {
  return new GatewayError('caller_not_found', 'There is no budget of that id.');
}

async function readStored(db: Queryable): Promise<Stored> {
  // The revision first: what is read after it is at least as new.
  const revision = await budgetRevision(db);
  return { revision, budgets: (await readBudgetRows(db)).map(budgetOfRow) };
}

function budgetOfRow(row: Awaited<ReturnType<typeof readBudgetRows>>[number]): Budget {
  const entry = budgetBodySchema.parse(JSON.parse(row.definition));
  const { id, createdAt, updatedAt } = row;
  return budgetOf(entry, { id, source: 'api', createdAt, updatedAt }, (place) => `${id}/${place}`);
}

/** Ids are ours to give: an alert that took another's id would never be raised. */
function withoutIds(entry: BudgetEntry): BudgetEntry {
  return knownIdsOnly(entry, undefined);
}

function knownIdsOnly(entry: BudgetEntry, before: Budget | undefined): BudgetEntry {
  const alerts = new Set(before?.alerts.map(({ id }) => id));
  const actions = new Set(before?.alerts.flatMap((alert) => alert.actions.map(({ id }) => id)));
  const take = (known: Set<string>, id: string | undefined): string | undefined =>
    id !== undefined && known.delete(id) ? id : undefined;
  return {
    ...entry,
    alert_configurations: entry.alert_configurations.map((alert) => ({
      ...alert,
      alert_configuration_id: take(alerts, alert.alert_configuration_id),
      action_configurations: alert.action_configurations.map((action) => ({
        ...action,
        action_configuration_id: take(actions, action.action_configuration_id),
      })),
    })),
  };
}
