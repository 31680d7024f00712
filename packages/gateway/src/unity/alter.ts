import { GatewayError } from '../errors/gateway-error.ts';
import type { TableChange } from '../lake/lake.ts';
import { updateObject } from '../state/unity-object-repository.ts';
import { deleteTag, putTag } from '../state/unity-tag-repository.ts';
import type { Caller } from './caller.ts';
import type { ObjectUpdate, TableInfo } from './catalog.ts';
import { keyOf, shown } from './names.ts';
import { checkPrincipal } from './principals.ts';
import { notATable, notFound } from './refusals.ts';
import type { Rights } from './rights.ts';
import type { Privilege, Securable } from './securable.ts';
import type { UnityState } from './unity-state.ts';

const MAX_TAGS = 50;
const MAX_TAG_LENGTH = 256;

/** Changes owner, comment and tags; see `Catalog.update`. */
export async function update(
  state: UnityState,
  securable: Securable,
  change: ObjectUpdate,
  caller: Caller,
): Promise<void> {
  await state.refresh();
  const rights = state.rights(caller);
  for (const privilege of neededFor(securable, change)) rights.requireChange(privilege, securable);
  const owner = change.owner === undefined ? undefined : checkPrincipal(change.owner);
  checkTags(state, securable, change);
  const table = securable.kind === 'TABLE' ? state.snapshot().tables.get(keyOf(securable.name)) : undefined;
  if (owner !== undefined && table?.kind === 'VIEW') checkViewOwner(rights, owner);
  if (change.comment !== undefined && table?.table) {
    const comment = change.comment ?? undefined;
    await state.lake.alter(table.table.location, { kind: 'set-comment', comment }, caller.userName);
  }
  await state.change(async (tx) => {
    const { kind, name } = securable;
    const found = await updateObject(tx, name, { owner, comment: change.comment }, state.now());
    if (!found) throw notFound(securable);
    const key = keyOf(name);
    for (const [tag, value] of Object.entries(change.setTags ?? {})) await putTag(tx, { kind, name: key, tag, value });
    for (const tag of change.unsetTags ?? []) await deleteTag(tx, { kind, name: key, tag });
  });
}

/** Changes columns and properties of a managed table; see `Catalog.alterTable`. */
export async function alterTable(
  state: UnityState,
  name: readonly string[],
  change: TableChange,
  caller: Caller,
): Promise<TableInfo> {
  await state.refresh();
  const securable: Securable = { kind: 'TABLE', name };
  state.rights(caller).requireChange('MODIFY', securable);
  const info = state.snapshot().tables.get(keyOf(name));
  if (!info) throw notFound(securable);
  if (!info.table) throw notATable(name);
  await state.lake.alter(info.table.location, change, caller.userName);
  const comment = change.kind === 'set-comment' ? (change.comment ?? null) : undefined;
  await state.change(async (tx) => {
    if (!(await updateObject(tx, name, { comment }, state.now()))) throw notFound(securable);
  });
  return state.snapshot().tables.get(keyOf(name)) ?? info;
}

/** A view runs with its owner's rights: who could make another its owner could borrow that one's rights. */
function checkViewOwner(rights: Rights, owner: string): void {
  if (rights.admin || rights.speaksFor(owner)) return;
  throw new GatewayError(
    'policy_forbidden',
    `[INSUFFICIENT_PERMISSIONS] A view runs with the rights of its owner. Only an admin can make ${shown(owner)} the owner of one; you can make yourself or a group of yours.`,
  );
}

function neededFor({ kind }: Securable, change: ObjectUpdate): Privilege[] {
  const needed: Privilege[] = [];
  if (change.owner !== undefined) needed.push('MANAGE');
  if (change.comment !== undefined) needed.push(kind === 'TABLE' ? 'MODIFY' : 'MANAGE');
  if (change.setTags !== undefined || change.unsetTags !== undefined) needed.push('APPLY TAG');
  return needed.length === 0 ? ['MANAGE'] : needed;
}

function checkTags(state: UnityState, securable: Securable, { setTags = {} }: ObjectUpdate): void {
  const { catalogs, schemas, tables } = state.snapshot();
  const key = keyOf(securable.name);
  const present = (catalogs.get(key) ?? schemas.get(key) ?? tables.get(key))?.tags ?? {};
  for (const [tag, value] of Object.entries(setTags)) {
    if (tag.trim() === '' || tag.length > MAX_TAG_LENGTH || /[\p{Cc}.,\-=/:]/u.test(tag)) {
      throw new GatewayError(
        'caller_invalid_parameter',
        `${shown(tag)} cannot be a tag: use 1 to ${MAX_TAG_LENGTH} characters without control characters and any of . , - = / :`,
      );
    }
    if (value.length > MAX_TAG_LENGTH * 4) {
      throw new GatewayError('caller_invalid_parameter', `The value of the tag ${shown(tag)} is too long.`);
    }
  }
  if (new Set([...Object.keys(present), ...Object.keys(setTags)]).size > MAX_TAGS) {
    throw new GatewayError('caller_invalid_parameter', `An object may have ${MAX_TAGS} tags at most.`);
  }
}
