/** A token that is known: whose it is, what it may be used for. */
export interface FoundToken {
  /** Stable id of the token, never its value; shown in lists and in the audit log. */
  readonly tokenId: string;
  /** Id of the account it speaks for (`Account.id`). */
  readonly accountId: string;
  readonly authMode: 'PAT' | 'OAUTH';
  readonly scopes: ReadonlySet<string>;
  /** Milliseconds since 1970; `null`: does not expire. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

/** One kind of bearer token: personal access tokens, OAuth access tokens. Tokens are found by their whole hash only. */
export interface TokenSource {
  /** What tokens of this source start with; others are not looked for. Left out: any token may be one. */
  readonly prefix?: string;
  /** @param tokenHash SHA-256 of the whole token. */
  find(tokenHash: Buffer): Promise<FoundToken | undefined>;
  /** Writes when tokens of this source were last used (by `tokenId`, ms since 1970); kept where it is of interest. */
  noteUses?(uses: ReadonlyMap<string, number>): Promise<void>;
  /** Calls back when tokens may have been revoked; what was found before is then looked for anew. */
  onChange?(listener: () => void): void;
}
