/** Who is calling. */
export interface Principal {
  /** Stable id. */
  readonly id: string;
  /** SCIM `userName`; the usage row's `requester`. */
  readonly userName: string;
  readonly type: 'USER' | 'SERVICE_PRINCIPAL';
  readonly groups: readonly string[];
  readonly active: boolean;
  readonly authMode: 'PAT' | 'OAUTH';
  /** Id of the token used, never its value. */
  readonly tokenId: string;
}
