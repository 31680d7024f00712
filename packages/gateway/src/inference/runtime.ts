import type { GatewayConfig } from '../config/gateway-config.ts';
import type { ServiceIndex } from '../config/service-index.ts';
import type { DurableAuditLog } from '../audit/audit-event.ts';
import type { Governor } from '../governance/governor.ts';
import type { TrustedProxies } from '../lib/source-address.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import type { PriceBook } from '../models/price-book.ts';
import type { Logger } from '../otel/log.ts';
import type { Metrics } from '../otel/metrics.ts';
import type { Catalog } from '../unity/catalog.ts';
import type { Pools } from '../upstream/pools.ts';
import type { PayloadSink } from '../usage/payload-sink.ts';
import type { Spool } from '../usage/spool.ts';
import type { RunningProvider } from './plan.ts';
import type { RequestContext } from './request-context.ts';

/** One configuration in force, with what is derived from it. Replaced whole on reload. */
export interface Snapshot {
  readonly config: GatewayConfig;
  readonly services: ServiceIndex;
  readonly providers: ReadonlyMap<string, RunningProvider>;
  readonly pools: Pools;
  readonly proxies: TrustedProxies;
  readonly prices: PriceBook;
}

/** What lives as long as the process. */
export interface Runtime {
  /** The snapshot new requests use. */
  snapshot(): Snapshot;
  readonly authenticator: Authenticator;
  /** Says which services a caller may execute. */
  readonly catalog: Pick<Catalog, 'serviceRights'>;
  readonly governor: Governor;
  readonly audit: DurableAuditLog;
  readonly spool: Spool;
  readonly payloads: Pick<PayloadSink, 'tableFor' | 'append'>;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** Requests being served, so that a stop can end them in their own dialect. */
  readonly running: Set<RequestContext>;
}
