/** Who is calling. */
export interface Principal {
  /** Stable id. */
  readonly id: string;
  /** SCIM `userName`, or a service principal's application id; the usage row's `requester`. */
  readonly userName: string;
  readonly type: 'USER' | 'SERVICE_PRINCIPAL';
  /** Display names of all groups it belongs to, directly or through other groups. */
  readonly groups: readonly string[];
  readonly active: boolean;
  readonly authMode: 'PAT' | 'OAUTH';
  /** Id of the token used, never its value. */
  readonly tokenId: string;
  /** What the token may be used for; `all-apis` is everything. */
  readonly scopes: ReadonlySet<string>;
}
