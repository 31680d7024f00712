import type { Command } from 'commander';
import { withDataOptions, type DataOptions } from './data-options.ts';
import { formatTable } from './print-table.ts';
import { reporting } from './report-failure.ts';
import { parseTimeSpan } from './time-span.ts';
import { accountNamed, withIdentity, type OpenIdentity } from './with-identity.ts';

const asListed = 'application id, as service-principal list shows it';

/** `service-principal list`, `create`, `delete` and its secrets. They work beside a running gateway. */
export function servicePrincipalCommand(program: Command): void {
  const principal = program
    .command('service-principal')
    .description('list, create and delete service principals, and their secrets');
  withDataOptions(
    principal.command('list').description('list all service principals').option('--json', 'one JSON object per line'),
  ).action(reporting(list));
  withDataOptions(
    principal
      .command('create')
      .description('make a service principal and print its application id')
      .argument('<display-name>', 'name for people')
      .option('--application-id <id>', 'what it signs in as; made up when left out'),
  ).action(reporting(create));
  withDataOptions(
    principal
      .command('delete')
      .description('delete a service principal with every token and secret, for good')
      .argument('<application-id>', asListed),
  ).action(reporting(remove));
  withDataOptions(
    principal
      .command('create-secret')
      .description('make a secret and print it, alone, on standard output; it is never shown again')
      .argument('<application-id>', asListed)
      .option('--lifetime <duration>', 'such as 90d; does not expire when left out'),
  ).action(reporting(createSecret));
  withDataOptions(
    principal
      .command('list-secrets')
      .description('list secrets; their values are not stored')
      .argument('<application-id>', asListed),
  ).action(reporting(listSecrets));
  withDataOptions(
    principal
      .command('revoke-secret')
      .description('revoke a secret, at once and for good')
      .argument('<application-id>', asListed)
      .argument('<secret-id>', 'as list-secrets shows it'),
  ).action(reporting(revokeSecret));
}

async function list(options: DataOptions & { readonly json?: boolean }): Promise<void> {
  await withIdentity({ ...options, existing: true }, async ({ directory }) => {
    const found = directory.accounts().filter(({ type }) => type === 'SERVICE_PRINCIPAL');
    if (options.json) {
      for (const { id, userName, displayName, active, groups, source } of found) {
        console.log(
          JSON.stringify({ id, application_id: userName, display_name: displayName, active, groups, source }),
        );
      }
    } else if (found.length === 0) {
      console.error('No service principals. Make one: ucode-gateway service-principal create NAME');
    } else {
      const headings = ['ID', 'APPLICATION ID', 'NAME', 'STATE', 'FROM', 'GROUPS'].map((heading) => ({ heading }));
      const rows = found.map(({ id, userName, displayName, active, source, groups }) => [
        id,
        userName,
        displayName,
        active ? 'active' : 'deactivated',
        source,
        groups.join(', '),
      ]);
      console.log(formatTable(headings, rows));
    }
  });
}

async function create(displayName: string, options: DataOptions & { readonly applicationId?: string }): Promise<void> {
  await withIdentity(options, async ({ directory }) => {
    const { applicationId } = options;
    const account = await directory.createAccount({
      type: 'SERVICE_PRINCIPAL',
      displayName,
      ...(applicationId === undefined ? {} : { userName: applicationId }),
    });
    console.log(account.userName);
  });
}

async function remove(applicationId: string, options: DataOptions): Promise<void> {
  await withIdentity({ ...options, existing: true }, async (identity) => {
    await identity.directory.deleteAccount(idOf(identity, applicationId));
    console.error(`Deleted ${applicationId}.`);
  });
}

async function createSecret(
  applicationId: string,
  options: DataOptions & { readonly lifetime?: string },
): Promise<void> {
  const lifetime = options.lifetime === undefined ? undefined : parseTimeSpan(options.lifetime, '--lifetime');
  await withIdentity(options, async (identity) => {
    const { secret } = await identity.directory.createSecret(idOf(identity, applicationId), lifetime);
    console.log(secret);
  });
}

async function listSecrets(applicationId: string, options: DataOptions): Promise<void> {
  await withIdentity({ ...options, existing: true }, async (identity) => {
    const secrets = await identity.directory.secrets(idOf(identity, applicationId));
    if (secrets.length === 0) return console.error('No secrets.');
    const headings = ['ID', 'STATE', 'CREATED', 'EXPIRES', 'LAST USED'].map((heading) => ({ heading }));
    const rows = secrets.map(({ id, createdAt, expiresAt, revokedAt, lastUsedAt }) => [
      id,
      revokedAt !== null ? 'revoked' : expiresAt !== null && expiresAt <= Date.now() ? 'expired' : 'valid',
      minute(createdAt),
      minute(expiresAt),
      minute(lastUsedAt),
    ]);
    console.log(formatTable(headings, rows));
  });
}

async function revokeSecret(applicationId: string, secretId: string, options: DataOptions): Promise<void> {
  await withIdentity({ ...options, existing: true }, async (identity) => {
    if (!(await identity.directory.revokeSecret(idOf(identity, applicationId), secretId))) {
      throw new Error(`'${applicationId}' has no valid secret with the id '${secretId}'.`);
    }
    console.error(`Revoked ${secretId}.`);
  });
}

function idOf(identity: OpenIdentity, applicationId: string): string {
  return accountNamed(identity, applicationId, 'SERVICE_PRINCIPAL').id;
}

function minute(at: number | null): string {
  return at === null ? '-' : new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
