import path from 'node:path';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { AgentConfigs } from '../governance/agent-configs/agent-configs.ts';
import { AlertDesk } from '../governance/budgets/alert-desk.ts';
import { AlertOutbox } from '../governance/budgets/alert-outbox.ts';
import { BudgetBook } from '../governance/budgets/budget-book.ts';
import { BudgetRules } from '../governance/budgets/budget-rules.ts';
import { CallerSpends } from '../governance/budgets/caller-spend.ts';
import { LiveSpend } from '../governance/budgets/live-spend.ts';
import { SpendLedger } from '../governance/budgets/spend-ledger.ts';
import type { Counters } from '../governance/counters/counters.ts';
import { DurableCounters } from '../governance/counters/durable-counters.ts';
import { RedisCounters } from '../governance/counters/redis-counters.ts';
import { Governor } from '../governance/governor.ts';
import { CallerLimits } from '../governance/limits/caller-limits.ts';
import { RateLimitRules } from '../governance/limits/rate-limit-rules.ts';
import type { Directory } from '../identity/directory.ts';
import { RepeatedFailure } from '../lib/repeated-failure.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { Logger } from '../otel/log.ts';
import type { ChangeWatcher } from '../state/live-image.ts';
import type { Catalog } from '../unity/catalog.ts';
import { AddressPolicy } from '../upstream/address-policy.ts';
import { codingAgents } from '../usage/agents/registry.ts';
import { SpendFeed } from '../usage/spend-feed.ts';
import type { Spool } from '../usage/spool.ts';
import type { SpoolPosition } from '../usage/spool-format.ts';
import { spoolDirectoryName } from './lake-protocol.ts';

export interface GovernanceOptions {
  /** In force at this moment. */
  readonly config: () => GatewayConfig;
  readonly watcher: ChangeWatcher;
  readonly directory: Directory;
  readonly catalog: Pick<Catalog, 'serviceRights'>;
  readonly prices: () => PriceBook;
  readonly usage: Spool;
  /** Everything of the usage spool before this position is in the sums of what was spent. */
  readonly onSpendAdded: (position: SpoolPosition) => void;
  readonly log: Logger;
}

/** Limits, budgets and what was spent: everything that decides whether a request is admitted. */
export class GovernanceServices {
  readonly governor: Governor;
  readonly budgets: BudgetBook;
  readonly spend: CallerSpends;
  readonly limits: CallerLimits;
  readonly agentConfigs: AgentConfigs;
  readonly #counters: Counters;
  readonly #feed: SpendFeed;
  readonly #live: LiveSpend;
  readonly #alerts: AlertOutbox;

  private constructor(parts: {
    readonly governor: Governor;
    readonly budgets: BudgetBook;
    readonly spend: CallerSpends;
    readonly limits: CallerLimits;
    readonly agentConfigs: AgentConfigs;
    readonly counters: Counters;
    readonly feed: SpendFeed;
    readonly live: LiveSpend;
    readonly alerts: AlertOutbox;
  }) {
    this.governor = parts.governor;
    this.budgets = parts.budgets;
    this.spend = parts.spend;
    this.limits = parts.limits;
    this.agentConfigs = parts.agentConfigs;
    this.#counters = parts.counters;
    this.#feed = parts.feed;
    this.#live = parts.live;
    this.#alerts = parts.alerts;
  }

  /** Rejects where the store cannot be read, or Redis refuses who signs in. */
  static async open(options: GovernanceOptions): Promise<GovernanceServices> {
    const { config, watcher, directory, catalog, prices, usage, log } = options;
    const { store } = watcher;
    const workspaceId = (): string => config().server.workspaceId;
    const budgets = await BudgetBook.open(watcher, () => config().budgets);
    const desk = new AlertDesk(() => config().notifications);
    const alerts = new AlertOutbox({
      store,
      notifications: () => config().notifications,
      addresses: rememberedBy(
        () => config().server.allowedPrivateNetworks,
        (networks) => new AddressPolicy(networks),
      ),
      log,
    });
    desk.onRaised(() => alerts.wake());
    const ledger = new SpendLedger({ store, budgets, directory, alerts: desk });
    const feed = new SpendFeed({
      spool: usage,
      directory: path.join(config().server.dataDirectory, spoolDirectoryName('usage')),
      ledger,
      onAdded: options.onSpendAdded,
      log,
    });
    const live = new LiveSpend({
      store,
      ledger,
      whenCaughtUp: (work) => feed.whenCaughtUp(work),
      onError: (error) => log.error({ problem: String(error) }, 'what was spent cannot be followed'),
    });
    const counters = await openCounters(options, live);
    // With Redis the counts are live already.
    if (config().limits.redisUrl === undefined) await live.follow(counters);
    const spend = new CallerSpends({ budgets, ledger, counters, workspaceId });
    const rules = new RateLimitRules({ cacheReadWeight: () => config().limits.cacheReadWeight });
    const limits = new CallerLimits({ rules, counters, config, rights: (caller) => catalog.serviceRights(caller) });
    const agentConfigs = await AgentConfigs.open(watcher, { workspaceId });
    const unavailable = new RepeatedFailure();
    const governor = new Governor({
      counters,
      sources: [
        rules,
        new BudgetRules({
          budgets: () => budgets.index,
          prices,
          workspaceId,
          contact: () => config().notifications.contact,
          refusalStatus: (id) => codingAgents.find((agent) => agent.id === id)?.budgetRefusalStatus,
        }),
      ],
      openWhenUnavailable: () => config().limits.whenUnavailable === 'open',
      onUnavailable: (error) => {
        const problem = error.cause instanceof Error ? error.cause.message : error.message;
        if (unavailable.isToBeSaid(problem)) log.error({ problem }, 'limits and budgets cannot be counted');
      },
    });
    feed.start();
    alerts.start();
    return new GovernanceServices({ governor, budgets, spend, limits, agentConfigs, counters, feed, live, alerts });
  }

  /** Brings what was spent into the sums, and writes the counts down. The usage spool is still open. */
  async stop(): Promise<void> {
    await this.#feed.stop();
    this.#live.close();
    await this.#alerts.stop();
    await this.#counters.close();
  }
}

function openCounters({ config, watcher, log }: GovernanceOptions, live: LiveSpend): Promise<Counters> {
  const { redisUrl, keyPrefix, timeoutMs } = config().limits;
  const failure = new RepeatedFailure();
  const onError = (error: unknown): void => {
    const problem = error instanceof Error ? error.message : String(error);
    if (failure.isToBeSaid(problem)) log.error({ problem }, 'the counters of limits and budgets fail');
  };
  if (redisUrl === undefined) return DurableCounters.open({ store: watcher.store, seed: live.seed, onError });
  return RedisCounters.open({ url: redisUrl, prefix: keyPrefix, timeoutMs, seed: live.seed, onError });
}

/** Makes a value of a source, anew only when the source is another object. */
function rememberedBy<S, T>(source: () => S, make: (source: S) => T): () => T {
  let known: { readonly source: S; readonly value: T } | undefined;
  return () => {
    const current = source();
    if (known === undefined || known.source !== current) known = { source: current, value: make(current) };
    return known.value;
  };
}
