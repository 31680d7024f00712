import { notFound } from '../account-changes.ts';
import type { AccountDirectory } from '../account-directory.ts';
import { DirectoryError } from '../directory-error.ts';
import type { Group } from '../directory-view.ts';
import type { GroupFields } from '../group-changes.ts';
import { defined, groupsOf } from './account-kinds.ts';
import { groupSchema, type ScimObject } from './attributes.ts';
import { idsOf, textOf } from './read-attributes.ts';
import { entitlements, type ResourceKind } from './resource-kind.ts';

/** Groups, as SCIM shows and changes them. Members that `gateway.yaml` declares are shown and cannot be taken out. */
export const groups: ResourceKind<Group> = {
  endpoint: 'Groups',
  schema: groupSchema,
  all: (directory) => directory.groups(),
  find(directory, id) {
    const group = directory.view.groupById(id);
    if (group === undefined) throw notFound(id);
    return group;
  },
  idOf: ({ id }) => id,
  targetOf: ({ displayName }) => `groups/${displayName}`,
  isOwn: (directory, group, accountId) => directory.byId(accountId)?.groups.includes(group.displayName) === true,
  timesOf: (_, { createdAt, updatedAt }) =>
    createdAt === undefined || updatedAt === undefined ? undefined : { created: createdAt, modified: updatedAt },
  toResource(directory, group, wants) {
    const parents = directory.view.directGroups(group.id).map(({ displayName }) => displayName);
    return {
      id: group.id,
      ...defined({ externalId: group.externalId }),
      displayName: group.displayName,
      ...(wants('members') ? { members: membersOf(directory, group) } : {}),
      groups: groupsOf(directory, group.id, parents),
      entitlements,
    };
  },
  create(directory, given) {
    const displayName = textOf(given, 'displayName');
    if (displayName === undefined) throw new DirectoryError('invalidValue', "'displayName' is required.");
    return directory.createGroup({
      displayName,
      externalId: textOf(given, 'externalId'),
      add: idsOf(given, 'members'),
    });
  },
  async replace(directory, group, before, after) {
    const displayName = textOf(after, 'displayName');
    if (displayName === undefined) throw new DirectoryError('invalidValue', "'displayName' is required.");
    const externalId = textOf(after, 'externalId');
    const [old, members] = [idsOf(before, 'members'), idsOf(after, 'members')];
    // Only the differences, so that what somebody else changes at the same time is not undone.
    const add = [...members].filter((id) => !old.has(id));
    const remove = [...old].filter((id) => !members.has(id));
    const fields: GroupFields = {
      ...(displayName === textOf(before, 'displayName') ? {} : { displayName }),
      ...(externalId === textOf(before, 'externalId') ? {} : { externalId }),
      ...(add.length === 0 ? {} : { add }),
      ...(remove.length === 0 ? {} : { remove }),
    };
    return Object.keys(fields).length === 0 ? group : directory.updateGroup(group.id, fields);
  },
  remove: (directory, { id }) => directory.deleteGroup(id),
};

function membersOf(directory: AccountDirectory, { members }: Group): readonly ScimObject[] {
  return [...members.keys()]
    .map((value) => {
      const account = directory.byId(value);
      if (account === undefined) {
        const display = directory.view.groupById(value)?.displayName ?? value;
        return { value, display, type: 'Group', $ref: `Groups/${value}` };
      }
      const type = account.type === 'USER' ? 'User' : 'ServicePrincipal';
      return { value, display: account.displayName, type, $ref: `${type}s/${value}` };
    })
    .toSorted((left, right) => (left.display < right.display ? -1 : left.display > right.display ? 1 : 0));
}
