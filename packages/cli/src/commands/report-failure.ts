import { SignInNeeded } from '../auth/token.ts';
import { printable } from '../lib/printable.ts';
import { withoutSecrets } from '../lib/without-secrets.ts';
import { Cancelled } from '../terminal/console-terminal.ts';
import { exitCodes, UsageError, type Terminal } from '../terminal/terminal.ts';
import { WorkspaceError } from '../workspace/client.ts';

/** Tells what went wrong, with the cure, and gives the exit code for it. */
export function reportFailure(error: unknown, terminal: Terminal): number {
  if (error instanceof Cancelled) {
    terminal.note('Cancelled.');
    return exitCodes.cancelled;
  }
  const text = withoutSecrets(printable(error instanceof Error ? error.message : String(error), 2_000));
  if (error instanceof WorkspaceError) {
    const reference = [error.code, error.requestId && `request ${error.requestId}`].filter(Boolean).join(', ');
    terminal.fail(reference === '' ? text : `${text} (${reference})`, error.cure ?? cureOf(error));
    return error.kind === 'unauthenticated' ? exitCodes.signInNeeded : exitCodes.failed;
  }
  terminal.fail(text);
  if (error instanceof Error && error.stack) terminal.debug(error.stack);
  if (error instanceof SignInNeeded) return exitCodes.signInNeeded;
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}

function cureOf({ kind }: WorkspaceError): string | undefined {
  if (kind === 'unauthenticated') return 'Sign in again with: ucode login';
  if (kind === 'forbidden') return 'Ask an admin of the gateway for the permission that is named.';
  return undefined;
}
