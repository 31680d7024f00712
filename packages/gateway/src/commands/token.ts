import type { Command } from 'commander';
import { listTokens, revokeToken, type TokenInfo } from '../identity/tokens.ts';
import type { Store } from '../state/store.ts';
import { withDataOptions, type DataOptions } from './data-options.ts';
import { openExistingState } from './open-state.ts';
import { parseTimeSpan } from './time-span.ts';
import { formatTable } from './print-table.ts';
import { reporting } from './report-failure.ts';
import { accountNamed, withIdentity } from './with-identity.ts';

interface CreateOptions extends DataOptions {
  readonly user?: string;
  readonly servicePrincipal?: string;
  readonly comment?: string;
  readonly lifetime?: string;
  readonly scopes?: string;
}

/** `token create`, `token list` and `token revoke`. They work beside a running gateway. */
export function tokenCommand(program: Command): void {
  const token = program.command('token').description('create, list and revoke personal access tokens');
  withDataOptions(
    token
      .command('create')
      .description('make a token and print it, alone, on standard output; it is never shown again')
      .option('--user <name>', 'user it speaks for')
      .option('--service-principal <application-id>', 'service principal it speaks for')
      .option('--comment <text>', 'what it is for')
      .option('--lifetime <duration>', 'such as 90d or 12h; does not expire when left out')
      .option('--scopes <list>', 'what it may be used for, separated by commas; everything when left out'),
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
  const { user, servicePrincipal } = options;
  if ((user === undefined) === (servicePrincipal === undefined)) {
    throw new Error('Name whom the token speaks for, with either --user or --service-principal.');
  }
  const lifetimeSeconds = options.lifetime === undefined ? undefined : parseTimeSpan(options.lifetime, '--lifetime');
  const scopes = options.scopes?.split(',').map((scope) => scope.trim());
  if (scopes?.some((scope) => !/^[\w.:-]{1,64}$/.test(scope))) {
    throw new Error(`--scopes ${options.scopes} is not a list of scopes, such as model-serving,sql.`);
  }
  await withIdentity(options, async (identity) => {
    const account =
      user !== undefined
        ? accountNamed(identity, user)
        : accountNamed(identity, servicePrincipal ?? '', 'SERVICE_PRINCIPAL');
    if (!account.active) throw new Error(`'${account.userName}' is not active. Activate it first.`);
    const made = await identity.tokens.create(account, { comment: options.comment, lifetimeSeconds, scopes });
    console.log(made.token);
  });
}

async function list(options: DataOptions & { readonly json?: boolean }): Promise<void> {
  await withStore(options, async (store) => {
    const tokens = await listTokens(store);
    if (options.json) for (const token of tokens) console.log(JSON.stringify(toJson(token)));
    else if (tokens.length === 0) console.error('No tokens. Make one: ucode-gateway token create --user NAME');
    else console.log(toTable(tokens));
  });
}

async function revoke(id: string, options: DataOptions): Promise<void> {
  await withStore(options, async (store) => {
    if (!(await revokeToken(store, id))) {
      throw new Error(`No valid token has the id '${id}'. See: ucode-gateway token list`);
    }
    console.error(`Revoked ${id}.`);
  });
}

async function withStore(options: DataOptions, work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openExistingState(options);
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

function toJson(token: TokenInfo): Record<string, unknown> {
  return {
    id: token.id,
    user: token.userName,
    comment: token.comment,
    scopes: token.scopes,
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
