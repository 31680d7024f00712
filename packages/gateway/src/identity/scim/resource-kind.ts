import type { AccountDirectory } from '../account-directory.ts';
import type { ScimObject, ScimSchema } from './attributes.ts';

/** One kind of SCIM resource: how it is shown, made, changed. `T` is what the directory calls it. */
export interface ResourceKind<T> {
  /** Last part of the addresses: `Users`. */
  readonly endpoint: string;
  readonly schema: ScimSchema;
  /** All, by name. */
  all(directory: AccountDirectory): readonly T[];
  /** @throws GatewayError `caller_not_found` */
  find(directory: AccountDirectory, id: string): T;
  idOf(item: T): string;
  /** What it is called in the audit log: `users/ada@example.com`. */
  targetOf(item: T): string;
  /** Whether somebody who is not an admin may look at it. */
  isOwn(directory: AccountDirectory, item: T, accountId: string): boolean;
  /** As it is shown, without `meta`; expensive attributes only where `wants` them. */
  toResource(directory: AccountDirectory, item: T, wants: (attribute: string) => boolean): ScimObject;
  /** Milliseconds since 1970; `undefined` where it has no times. */
  timesOf(directory: AccountDirectory, item: T): { readonly created: number; readonly modified: number } | undefined;
  /** @param given what the client sent, in canonical form. @throws DirectoryError */
  create(directory: AccountDirectory, given: ScimObject): Promise<T>;
  /**
   * Makes it what `after` says; attributes that `after` does not have are cleared.
   * @param before as it was shown. @throws DirectoryError
   */
  replace(directory: AccountDirectory, item: T, before: ScimObject, after: ScimObject): Promise<T>;
  /** @throws DirectoryError */
  remove(directory: AccountDirectory, item: T): Promise<void>;
}

/** What everybody may, as the vendor names it. */
export const entitlements = [{ value: 'workspace-access' }, { value: 'databricks-sql-access' }];
