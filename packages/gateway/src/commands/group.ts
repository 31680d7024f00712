import type { Command } from 'commander';
import type { AccountDirectory } from '../identity/account-directory.ts';
import type { Group } from '../identity/directory-view.ts';
import { withDataOptions, type DataOptions } from './data-options.ts';
import { formatTable } from './print-table.ts';
import { reporting } from './report-failure.ts';
import { withIdentity } from './with-identity.ts';

/** `group list`, `create`, `delete`, `add-member` and `remove-member`. They work beside a running gateway. */
export function groupCommand(program: Command): void {
  const group = program.command('group').description('list, create and change groups');
  withDataOptions(
    group.command('list').description('list all groups').option('--json', 'one JSON object per line, with members'),
  ).action(reporting(list));
  withDataOptions(group.command('create').description('make a group').argument('<name>', 'as grants name it')).action(
    reporting(create),
  );
  withDataOptions(
    group.command('delete').description('delete a group').argument('<name>', 'as group list shows it'),
  ).action(reporting(remove));
  for (const [verb, key, text] of [
    ['add-member', 'add', 'put a user, service principal or group into a group'],
    ['remove-member', 'remove', 'take a user, service principal or group out of a group'],
  ] as const) {
    withDataOptions(
      group
        .command(verb)
        .description(text)
        .argument('<group>', 'as group list shows it')
        .argument('<member>', 'user name, application id or name of a group'),
    ).action(
      reporting((name: string, member: string, options: DataOptions) => changeMember(name, member, key, options)),
    );
  }
}

async function list(options: DataOptions & { readonly json?: boolean }): Promise<void> {
  await withIdentity({ ...options, existing: true }, async ({ directory }) => {
    const groups = directory.groups();
    if (options.json) {
      for (const { id, displayName, source, members } of groups) {
        const names = [...members.keys()].map((member) => memberName(directory, member)).toSorted();
        console.log(JSON.stringify({ id, group: displayName, source, members: names }));
      }
      return;
    }
    const headings = [
      { heading: 'ID' },
      { heading: 'GROUP' },
      { heading: 'FROM' },
      { heading: 'MEMBERS', figures: true },
    ];
    const rows = groups.map(({ id, displayName, source, members }) => [
      id,
      displayName,
      source,
      displayName === 'account users' ? 'all' : String(members.size),
    ]);
    console.log(formatTable(headings, rows));
  });
}

async function create(name: string, options: DataOptions): Promise<void> {
  await withIdentity(options, async ({ directory }) => {
    const group = await directory.createGroup({ displayName: name });
    console.error(`Made the group ${group.displayName}, ${group.id}.`);
  });
}

async function remove(name: string, options: DataOptions): Promise<void> {
  await withIdentity({ ...options, existing: true }, async ({ directory }) => {
    await directory.deleteGroup(groupNamed(directory, name).id);
    console.error(`Deleted ${name}.`);
  });
}

async function changeMember(name: string, member: string, key: 'add' | 'remove', options: DataOptions): Promise<void> {
  await withIdentity(options, async ({ directory }) => {
    const group = groupNamed(directory, name);
    const id = directory.byName(member)?.id ?? directory.view.groupByName(member)?.id;
    if (id === undefined) throw new Error(`No user, service principal or group '${member}' is known here.`);
    if (key === 'remove' && !group.members.has(id)) throw new Error(`'${member}' is not directly in '${name}'.`);
    await directory.updateGroup(group.id, { [key]: [id] });
    console.error(`${member} is ${key === 'add' ? 'in' : 'no longer in'} ${group.displayName}.`);
  });
}

function groupNamed(directory: AccountDirectory, name: string): Group {
  const group = directory.view.groupByName(name);
  if (group === undefined) throw new Error(`There is no group '${name}'. See: ucode-gateway group list`);
  return group;
}

function memberName(directory: AccountDirectory, id: string): string {
  return directory.byId(id)?.userName ?? directory.view.groupById(id)?.displayName ?? id;
}
