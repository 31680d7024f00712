import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { Directory } from '../directory.ts';
import {
  consumeOAuthRecord,
  deleteOAuthGrantRecords,
  deleteOAuthRecord,
  extendOAuthRecord,
  findOAuthRecord,
  findOAuthRecordByUid,
  findOAuthRecordByUserCode,
  putOAuthRecord,
  type OAuthRecord,
} from '../../state/oauth-repository.ts';
import { countChange } from '../../state/revisions.ts';
import type { Store } from '../../state/store.ts';
import { registeredClientPrefix } from './clients.ts';
import { hashId, type Handles } from './hashed-ids.ts';

/** What works once only; a second use at the same moment is refused too. */
const once: ReadonlySet<string> = new Set(['AuthorizationCode', 'DeviceCode']);
/** What the hot path keeps in memory, so that its going must be told. */
const kept: ReadonlySet<string> = new Set(['AccessToken', 'ClientCredentials', 'Grant']);
/** Without an expiry of its own: a registered application until it has been unused for long. */
const FOREVER_MS = 366 * 86_400_000;

/** What the records are kept with. */
export interface RecordKeeping {
  readonly store: Store;
  readonly handles: Handles;
  readonly directory: Directory;
  readonly now: () => number;
  /** Milliseconds a consumed refresh token still works. */
  readonly reuseWindowMs: () => number;
  /** Milliseconds a registered application is kept without use. */
  readonly unusedLifetimeMs: () => number;
  /** Told when a refresh token is used after it was replaced and the window is over. */
  readonly onReuse: (record: OAuthRecord) => void;
}

/**
 * The store behind the library: rows by the SHA-256 of the value, without the value itself. What is found by value gets it back,
 * what is found otherwise gets a handle.
 */
export class RecordAdapter implements Adapter {
  readonly #model: string;
  readonly #keeping: RecordKeeping;

  constructor(model: string, keeping: RecordKeeping) {
    this.#model = model;
    this.#keeping = keeping;
  }

  async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
    const { store, handles, directory, now } = this.#keeping;
    const model = this.#model;
    const at = now();
    const { jti: _jti, userCode, ...rest } = payload;
    const stored: Record<string, unknown> = { ...rest };
    if (model === 'Interaction') forgetValues(stored, handles);
    const clientId = text(payload.clientId);
    const lifetimeMs = Number.isFinite(expiresIn) ? expiresIn * 1000 : this.#lifetimeMs();
    await putOAuthRecord(store, {
      model,
      id: handles.idOf(model, id),
      payload: JSON.stringify(stored),
      grantId: hashed(payload.grantId),
      uid: model === 'Session' ? hashed(payload.uid) : null,
      userCode: hashed(userCode),
      accountId:
        model === 'ClientCredentials'
          ? (directory.byName(clientId ?? '')?.id ?? null)
          : (text(payload.accountId) ?? null),
      clientId: clientId ?? null,
      createdAt: at,
      expiresAt: at + lifetimeMs,
    });
    if (model === 'AccessToken' && clientId?.startsWith(registeredClientPrefix)) {
      await extendOAuthRecord(store, 'Client', hashId(clientId), at + this.#keeping.unusedLifetimeMs());
    }
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const { store, handles } = this.#keeping;
    return this.#payload(await findOAuthRecord(store, this.#model, handles.idOf(this.#model, id)), id);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return this.#payload(await findOAuthRecordByUid(this.#keeping.store, this.#model, hashId(uid)));
  }

  async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    const record = await findOAuthRecordByUserCode(this.#keeping.store, this.#model, hashId(userCode));
    const payload = this.#payload(record);
    return payload === undefined ? undefined : { ...payload, userCode };
  }

  async consume(id: string): Promise<void> {
    const { store, handles, now } = this.#keeping;
    const hashedId = handles.idOf(this.#model, id);
    const first = await consumeOAuthRecord(store, this.#model, hashedId, now());
    if (first || !once.has(this.#model)) return;
    const record = await findOAuthRecord(store, this.#model, hashedId);
    if (typeof record?.grantId === 'string') await this.#deleteGrant(record.grantId);
    throw new errors.InvalidGrant('already consumed');
  }

  async destroy(id: string): Promise<void> {
    const { store, handles } = this.#keeping;
    const hashedId = handles.idOf(this.#model, id);
    await store.transaction(async (tx) => {
      await deleteOAuthRecord(tx, this.#model, hashedId);
      if (kept.has(this.#model)) await countChange(tx, 'tokens');
    });
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    const { store } = this.#keeping;
    await store.transaction(async (tx) => {
      await deleteOAuthGrantRecords(tx, hashId(grantId), this.#model);
      if (kept.has(this.#model)) await countChange(tx, 'tokens');
    });
  }

  async #deleteGrant(hashedGrantId: string): Promise<void> {
    await this.#keeping.store.transaction(async (tx) => {
      await deleteOAuthGrantRecords(tx, hashedGrantId);
      await countChange(tx, 'tokens');
    });
  }

  #lifetimeMs(): number {
    return this.#model === 'Client' ? this.#keeping.unusedLifetimeMs() : FOREVER_MS;
  }

  /** @param value what the record was found by; without it a handle is its name. */
  #payload(record: OAuthRecord | undefined, value?: string): AdapterPayload | undefined {
    if (record === undefined) return undefined;
    const payload = JSON.parse(record.payload) as AdapterPayload;
    const { consumedAt } = record;
    // Registered applications are not asked by the library whether they have expired.
    if (record.model === 'Client') return record.expiresAt > this.#keeping.now() ? payload : undefined;
    const jti = value ?? this.#keeping.handles.handle(record.model, record.id);
    if (consumedAt === null || this.#stillReusable(record.model, consumedAt)) return { ...payload, jti };
    if (record.model === 'RefreshToken') this.#keeping.onReuse(record);
    return { ...payload, jti, consumed: Math.floor(consumedAt / 1000) };
  }

  /** Whether processes that refresh at the same time may all use the same token. A clock set back counts as time passed. */
  #stillReusable(model: string, consumedAt: number): boolean {
    if (model !== 'RefreshToken') return false;
    return Math.abs(this.#keeping.now() - consumedAt) < this.#keeping.reuseWindowMs();
  }
}

/** Interactions hold the session's cookie and the device's code; a handle does for both. */
function forgetValues(payload: Record<string, unknown>, handles: Handles): void {
  const { session, deviceCode } = payload;
  if (typeof session === 'object' && session !== null) {
    const { cookie: _cookie, ...rest } = session as Record<string, unknown>;
    payload['session'] = rest;
  }
  if (typeof deviceCode === 'string') {
    payload['deviceCode'] = handles.handle('DeviceCode', handles.idOf('DeviceCode', deviceCode));
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function hashed(value: unknown): string | null {
  const plain = text(value);
  return plain === undefined ? null : hashId(plain);
}
