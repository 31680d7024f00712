/** A user or service principal. Groups are known by their display names, as grants and SCIM `groups[].display` name them. */
export interface Account {
  /** Decimal digits, stable for a name (`account-id.ts`). */
  readonly id: string;
  readonly type: 'USER' | 'SERVICE_PRINCIPAL';
  /** E-mail or log-in name; a service principal's application id. Compared without regard to case. */
  readonly userName: string;
  readonly displayName: string;
  readonly active: boolean;
  /** Id in the company's identity provider. */
  readonly externalId: string | undefined;
  /** Whether `gateway.yaml` declares it (then the API cannot change it) or the directory has it. */
  readonly source: 'configuration' | 'directory';
  /** Every group it belongs to, directly or through other groups. */
  readonly groups: readonly string[];
}

/** What the company's identity provider says of somebody who signs in. */
export interface SignedIn {
  readonly userName: string;
  readonly displayName: string | undefined;
  readonly externalId: string | undefined;
  /** Groups after mapping; `undefined` where the provider says nothing of groups, and membership stays as it is. */
  readonly groups: readonly string[] | undefined;
}

/**
 * Everybody the gateway knows: users, groups and service principals of the configuration, of SCIM, and of sign-ins.
 * Look-ups are from memory; changes by any gateway are in force everywhere within a second.
 */
export interface Directory {
  byId(id: string): Account | undefined;
  byName(userName: string): Account | undefined;
  /** Every account, by name. */
  accounts(): readonly Account[];
  /** Display names of all groups, by name; `admins` and `account users` are always there. */
  groupNames(): readonly string[];
  /**
   * Makes or brings up to date the user who has signed in through the identity provider. Groups that the provider gave
   * and now no longer gives are left; those given by SCIM or an admin stay.
   * @throws GatewayError `policy_forbidden` where the user is deactivated, or unknown and `create` is false.
   */
  signedIn(user: SignedIn, options: { readonly create: boolean }): Promise<Account>;
  /**
   * Checks a local user's password; throttled by user and by address, and as slow for unknown users.
   * @throws GatewayError `caller_unauthenticated`, or `policy_throttled` (429) with a wait.
   */
  checkPassword(userName: string, password: string, sourceIp: string): Promise<Account>;
  /** Checks a service principal's secret. Throttled likewise. @throws as `checkPassword`. */
  checkSecret(applicationId: string, secret: string, sourceIp: string): Promise<Account>;
}
