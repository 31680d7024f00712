import { GatewayError } from '../../errors/gateway-error.ts';
import type { SqlChild } from './sql-child.ts';

const WATCH_MS = 50;

export interface StatementLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Does the work of one statement and ends its process with SIGKILL when it takes too long, too much memory,
 * or is not wanted any more. Nothing less is sure to end a query.
 * @throws GatewayError `caller_sql_limit`, `caller_sql_cancelled`; what `work` throws.
 */
export async function withinLimits<T>(child: SqlChild, limits: StatementLimits, work: () => Promise<T>): Promise<T> {
  const { timeoutMs, signal } = limits;
  const { promise: ended, reject } = Promise.withResolvers<never>();
  ended.catch(() => {});
  const end = (reason: GatewayError): void => {
    reject(reason);
    void child.kill();
  };
  const cancel = (): void => end(cancelled());
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  const timer = setTimeout(() => end(tooLong(timeoutMs)), timeoutMs);
  const watch = setInterval(() => void watchMemory(child, end), WATCH_MS);
  try {
    return await Promise.race([ended, work()]);
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    signal?.removeEventListener('abort', cancel);
  }
}

export function cancelled(): GatewayError {
  return new GatewayError('caller_sql_cancelled', 'The statement was cancelled.');
}

async function watchMemory(child: SqlChild, end: (reason: GatewayError) => void): Promise<void> {
  const bytes = await child.residentBytes();
  if (bytes !== undefined && bytes > child.limitBytes) {
    end(
      new GatewayError(
        'caller_sql_limit',
        `The statement needed more memory than sql.memory_limit allows (${child.memoryLimitBytes} bytes) and was ended.`,
      ),
    );
  }
}

function tooLong(timeoutMs: number): GatewayError {
  return new GatewayError(
    'caller_sql_limit',
    `The statement ran longer than its limit of ${timeoutMs / 1000} s and was ended.`,
  );
}
