import type { UsageRecord } from '../../packages/gateway/src/usage/usage-record.ts';
import { startGateway, type Gateway, type GatewayStart } from '../support/gateway-process.ts';

/** A gateway for one agent run, so that every record in its spool is of that run. */
export interface RunGateway extends Gateway {
  /** The usage records once there are at least `calls` of them, or as many as came within the limit. */
  settledUsage(calls: number): Promise<UsageRecord[]>;
}

const SETTLE_LIMIT_MS = 60_000;

/** Starts a gateway, hands it to `use`, and stops it. A failure inside also shows the end of the gateway's output. */
export async function withGateway(options: GatewayStart, use: (gateway: RunGateway) => Promise<void>): Promise<void> {
  const gateway = await startGateway(options);
  const settledUsage = async (calls: number): Promise<UsageRecord[]> => {
    const deadline = Date.now() + SETTLE_LIMIT_MS;
    for (;;) {
      const records = await gateway.usage();
      if (records.length >= calls || Date.now() > deadline) return records;
    }
  };
  try {
    await use({ ...gateway, settledUsage });
  } catch (error) {
    if (error instanceof Error) error.message += `\n--- gateway\n${gateway.output().slice(-3000)}`;
    throw error;
  } finally {
    await gateway.stop();
  }
}
