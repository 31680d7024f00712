import { redact } from '../otel/log.ts';

/** Prints a failure of a command for a person: one message, no stack for what they can cure. */
function reportFailure(error: unknown): void {
  console.error(redact(error instanceof Error ? error.message : String(error)));
}

/** Wraps a command's action: a failure is printed and the exit code is 1. */
export function reporting<A extends unknown[]>(action: (...args: A) => Promise<void>): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      await action(...args);
    } catch (error) {
      reportFailure(error);
      process.exitCode = 1;
    }
  };
}
