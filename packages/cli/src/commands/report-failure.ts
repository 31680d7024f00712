import { SignInNeeded } from '../auth/token.ts';
import { printable } from '../lib/printable.ts';
import { systemCode, systemProblem } from '../lib/system-error.ts';
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
  const text = withoutSecrets(printable(sentenceOf(error), 2_000));
  for (let at: unknown = error; at instanceof Error; at = at.cause) terminal.debug(at.stack ?? String(at));
  if (error instanceof WorkspaceError) {
    const reference = [error.code, error.requestId && `request ${error.requestId}`].filter(Boolean).join(', ');
    terminal.fail(reference === '' ? text : `${text} (${reference})`, error.cure ?? cureOf(error));
    return error.kind === 'unauthenticated' ? exitCodes.signInNeeded : exitCodes.failed;
  }
  terminal.fail(text);
  if (error instanceof SignInNeeded) return exitCodes.signInNeeded;
  return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
}

/** What happened; of the operating system's errors the file and its trouble. */
function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const file = (error as { path?: unknown }).path;
  return typeof file === 'string' && systemCode(error) ? `${file}: ${systemProblem(error)}.` : error.message;
}

function cureOf({ kind }: WorkspaceError): string | undefined {
  if (kind === 'unauthenticated') return 'Sign in again with: ucode login';
  if (kind === 'forbidden') return 'Ask an admin of the gateway for the permission that is named.';
  return undefined;
}
