import type { Command } from 'commander';
import { createToken, listTokens, revokeToken, type TokenInfo } from '../identity/tokens.ts';
import { openStore, type Store } from '../state/store.ts';
import { existingDataDirectory, loadFor, withDataOptions, type DataOptions } from './data-options.ts';
import { parseTimeSpan } from './time-span.ts';
import { formatTable } from './print-table.ts';
import { reporting } from './report-failure.ts';

interface CreateOptions extends DataOptions {
  readonly user: string;
  readonly comment?: string;
  readonly lifetime?: string;
}

/** `token create`, `token list` and `token revoke`. They work beside a running gateway. */
export function tokenCommand(program: Command): void {
  const token = program.command('token').description('create, list and revoke personal access tokens');
  withDataOptions(
    token
      .command('create')
      .description('make a token and print it, alone, on standard output; it is never shown again')
      .requiredOption('--user <name>', 'configured user it speaks for')
      .option('--comment <text>', 'what it is for')
      .option('--lifetime <duration>', 'such as 90d or 12h; does not expire when left out'),
  ).action(reporting(create));
  withDataOptions(
    token
      .command('list')
      .description('list all tokens; their values are not stored')
      .option('--json', 'one JSON object per line'),
  ).action(reporting(list));
  withDataOptions(
    token
      .command('revoke')
      .description('revoke a token, at once and for good')
      .argument('<id>', 'as token list shows it'),
  ).action(reporting(revoke));
}

async function create(options: CreateOptions): Promise<void> {
  const { users, server } = await loadFor(options);
  const user = users.find(({ name }) => name === options.user);
  if (user === undefined) {
    const known = users.map(({ name }) => name).join(', ') || 'none';
    throw new Error(
      `No user '${options.user}' is configured (configured: ${known}). ` +
        'Add it under `users:` in gateway.yaml, or give one of these names.',
    );
  }
  if (!user.active) throw new Error(`User '${user.name}' is not active. Set \`active: true\` in gateway.yaml first.`);
  const lifetimeSeconds = options.lifetime === undefined ? undefined : parseTimeSpan(options.lifetime, '--lifetime');
  withStore(server.dataDirectory, (store) => {
    console.log(createToken(store, { user: user.name, comment: options.comment, lifetimeSeconds }).token);
  });
}

async function list(options: DataOptions & { readonly json?: boolean }): Promise<void> {
  withStore(await existingDataDirectory(options), (store) => {
    const tokens = listTokens(store);
    if (options.json) for (const token of tokens) console.log(JSON.stringify(toJson(token)));
    else if (tokens.length === 0) console.error('No tokens. Make one: ucode-gateway token create --user NAME');
    else console.log(toTable(tokens));
  });
}

async function revoke(id: string, options: DataOptions): Promise<void> {
  withStore(await existingDataDirectory(options), (store) => {
    if (!revokeToken(store, id)) throw new Error(`No valid token has the id '${id}'. See: ucode-gateway token list`);
    console.error(`Revoked ${id}.`);
  });
}

function withStore(directory: string, work: (store: Store) => void): void {
  const store = openStore(directory);
  try {
    work(store);
  } finally {
    store.close();
  }
}

function toJson(token: TokenInfo): Record<string, string | null> {
  return {
    id: token.id,
    user: token.userName,
    comment: token.comment,
    created_at: isoTime(token.createdAt),
    expires_at: isoTime(token.expiresAt),
    revoked_at: isoTime(token.revokedAt),
    last_used_at: isoTime(token.lastUsedAt),
    state: stateOf(token),
  };
}

function toTable(tokens: readonly TokenInfo[]): string {
  const headings = ['ID', 'USER', 'STATE', 'CREATED', 'EXPIRES', 'LAST USED', 'COMMENT'];
  return formatTable(
    headings.map((heading) => ({ heading })),
    tokens.map((token) => [
      token.id,
      token.userName,
      stateOf(token),
      minute(token.createdAt),
      minute(token.expiresAt),
      minute(token.lastUsedAt),
      token.comment ?? '',
    ]),
  );
}

function stateOf({ revokedAt, expiresAt }: TokenInfo): string {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= Date.now() ? 'expired' : 'valid';
}

function isoTime(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function minute(at: number | null): string {
  return isoTime(at)?.slice(0, 16).replace('T', ' ') ?? '-';
}
