import type { Command } from 'commander';
import { checkedPassword } from '../identity/password-hash.ts';
import { withDataOptions, type DataOptions } from './data-options.ts';
import { formatTable } from './print-table.ts';
import { readPassword } from './read-password.ts';
import { reporting } from './report-failure.ts';
import { accountNamed, withIdentity } from './with-identity.ts';

interface CreateOptions extends DataOptions {
  readonly displayName?: string;
  readonly group?: readonly string[];
  readonly passwordStdin?: boolean;
}

/** `user list`, `create`, `set-password`, `deactivate`, `activate` and `delete`. They work beside a running gateway. */
export function userCommand(program: Command): void {
  const user = program.command('user').description('list, create and change users');
  withDataOptions(
    user.command('list').description('list all users').option('--json', 'one JSON object per line'),
  ).action(reporting(list));
  withDataOptions(
    user
      .command('create')
      .description('make a user; those that gateway.yaml declares exist already')
      .argument('<name>', 'e-mail address or log-in name')
      .option('--display-name <text>', 'name for people')
      .option('--group <name...>', 'groups the user is in')
      .option('--password-stdin', 'read a password for local sign-in from standard input'),
  ).action(reporting(create));
  withDataOptions(
    user
      .command('set-password')
      .description('give a user another password; tokens of before end')
      .argument('<name>', 'as user list shows it')
      .requiredOption('--password-stdin', 'read the password from standard input'),
  ).action(reporting(setPassword));
  for (const [verb, active, text] of [
    ['deactivate', false, 'end every token of a user at once and accept no other'],
    ['activate', true, 'let a deactivated user in again, with new tokens'],
  ] as const) {
    withDataOptions(user.command(verb).description(text).argument('<name>', 'as user list shows it')).action(
      reporting((name: string, options: DataOptions) => setActive(name, active, options)),
    );
  }
  withDataOptions(
    user
      .command('delete')
      .description('delete a user with every token, for good')
      .argument('<name>', 'as user list shows it'),
  ).action(reporting(remove));
}

async function list(options: DataOptions & { readonly json?: boolean }): Promise<void> {
  await withIdentity({ ...options, existing: true }, async ({ directory }) => {
    const users = directory.accounts().filter(({ type }) => type === 'USER');
    if (options.json) {
      for (const { id, userName, displayName, active, groups, source } of users) {
        console.log(JSON.stringify({ id, user: userName, display_name: displayName, active, groups, source }));
      }
      return;
    }
    const headings = ['ID', 'USER', 'STATE', 'FROM', 'GROUPS'].map((heading) => ({ heading }));
    const rows = users.map(({ id, userName, active, source, groups }) => [
      id,
      userName,
      active ? 'active' : 'deactivated',
      source,
      groups.join(', '),
    ]);
    console.log(formatTable(headings, rows));
  });
}

async function create(name: string, options: CreateOptions): Promise<void> {
  const password = options.passwordStdin === true ? checkedPassword(await readPassword()) : undefined;
  await withIdentity(options, async ({ directory }) => {
    const groups = (options.group ?? []).map((group) => {
      const found = directory.view.groupByName(group);
      if (found === undefined) throw new Error(`There is no group '${group}'. See: ucode-gateway group list`);
      return found;
    });
    const { displayName } = options;
    const account = await directory.createAccount({
      type: 'USER',
      userName: name,
      ...(displayName === undefined ? {} : { displayName }),
    });
    if (password !== undefined) await directory.setPassword(account.id, password);
    for (const group of groups) await directory.updateGroup(group.id, { add: [account.id] });
    console.error(`Made the user ${account.userName}, ${account.id}.`);
  });
}

async function setPassword(name: string, options: DataOptions): Promise<void> {
  const password = checkedPassword(await readPassword());
  await withIdentity(options, async (identity) => {
    await identity.directory.setPassword(accountNamed(identity, name).id, password, { endTokens: true });
    console.error(`The password of ${name} is set.`);
  });
}

async function setActive(name: string, active: boolean, options: DataOptions): Promise<void> {
  await withIdentity({ ...options, existing: true }, async (identity) => {
    await identity.directory.updateAccount(accountNamed(identity, name).id, { active });
    console.error(`${name} is ${active ? 'active' : 'deactivated'}.`);
  });
}

async function remove(name: string, options: DataOptions): Promise<void> {
  await withIdentity({ ...options, existing: true }, async (identity) => {
    await identity.directory.deleteAccount(accountNamed(identity, name).id);
    console.error(`Deleted ${name}.`);
  });
}
