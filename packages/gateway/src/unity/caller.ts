/** Who asks Unity Catalog; a `Principal` is one. */
export interface Caller {
  /** The user's name, or a service principal's application id. */
  readonly userName: string;
  readonly groups: readonly string[];
}

/** The group that may do everything (metastore admins). */
export const ADMINS = 'admins';
/** The group that everyone belongs to. */
export const ACCOUNT_USERS = 'account users';

export function isAdmin(caller: Caller): boolean {
  return caller.groups.includes(ADMINS);
}
