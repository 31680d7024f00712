import { randomBytes, randomUUID } from 'node:crypto';
import type { GatewayConfig, ModelProviderService, ModelService } from '../../config/gateway-config.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { JsonRecord } from '../../lib/json-value.ts';
import {
  deleteService,
  insertService,
  selectService,
  updateService,
  type ServiceKind,
  type ServiceName,
} from '../../state/service-repository.ts';
import { deleteGrantsOn } from '../../state/unity-grant-repository.ts';
import { objectExists } from '../../state/unity-object-repository.ts';
import type { Caller } from '../caller.ts';
import { checkName, lowerCase } from '../names.ts';
import { alreadyExists, insufficient, inWords, notFound } from '../refusals.ts';
import type { Securable } from '../securable.ts';
import { securableKey } from '../snapshot.ts';
import type { UnityState } from '../unity-state.ts';
import { DECLARED_BY } from './declared-services.ts';
import { EffectiveConfig, fullNameOf } from './effective-config.ts';
import { changedRow, newRow, type CheckProvider, type Writing } from './service-row.ts';

/** A service to make. */
export interface NewService {
  readonly catalog: string;
  readonly schema: string;
  /** Last part of the name. */
  readonly name: string;
  readonly owner?: string | undefined;
  readonly comment?: string | undefined;
  /** As the REST API writes it, credentials in plain. */
  readonly config: JsonRecord;
}

/** A change of a service: what the mask names is taken from the body. */
export interface ServiceChange {
  /** Paths of `maskPaths`, as `parseMask` gives them. */
  readonly paths: readonly string[];
  /** The resource; of it only what the paths name is read. */
  readonly body: JsonRecord;
  /** The change is made only to this version. */
  readonly etag?: string | undefined;
}

/** Told when other services are in force. A change is answered after it has resolved. */
export type ServicesListener = (config: GatewayConfig) => void | Promise<void>;

/**
 * Model services and model provider services: those of the configuration, which cannot be changed here, and those that
 * were made by API, which are stored with their credentials sealed. Reads are from memory.
 */
export class ServiceRegistry {
  readonly #state: UnityState;
  readonly #effective: EffectiveConfig;
  readonly #listeners = new Set<ServicesListener>();
  #base: GatewayConfig | undefined;
  #config: GatewayConfig | undefined;
  #mark = '';
  #told: Promise<unknown> = Promise.resolve();

  constructor(state: UnityState) {
    this.#state = state;
    this.#effective = new EffectiveConfig(state.keys, state.log);
    state.onChange(() => this.#update());
  }

  /** Takes another configuration into force: its services, and what it grants on them. */
  configure(base: GatewayConfig): void {
    this.#base = base;
    this.#config = undefined;
    const declared = (kind: ServiceKind, services: readonly (ModelService | ModelProviderService)[]) =>
      services.map(({ name, comment, grants }) => ({ kind, name, comment, grants }));
    this.#state.declare([
      ...declared('MODEL_SERVICE', base.modelServices),
      ...declared('MODEL_PROVIDER_SERVICE', base.providerServices),
    ]);
  }

  /** The configuration in force, with the services that were made by API. The same object until something changes. */
  config(): GatewayConfig {
    if (!this.#config) throw new Error('The services are not configured yet.');
    return this.#config;
  }

  /** Calls back when other services are in force, whichever gateway changed them. Not for `configure`. */
  onChange(listener: ServicesListener): void {
    this.#listeners.add(listener);
  }

  /**
   * Makes a service in the caller's name. Needs `CREATE SERVICE` on the schema, and `EXECUTE` on the provider services
   * that a model service names.
   * @throws GatewayError `caller_already_exists`, `caller_invalid_parameter`, `policy_forbidden`, `caller_*_not_found`
   */
  async create(kind: ServiceKind, service: NewService, caller: Caller, check?: CheckProvider): Promise<void> {
    const state = this.#state;
    await state.refresh();
    const within = [service.catalog, service.schema].map(lowerCase);
    const name = checkServiceName(service.name);
    const securable: Securable = { kind, name: [...within, name] };
    const rights = state.rights(caller);
    rights.requireWithin('CREATE SERVICE', { kind: 'SCHEMA', name: within });
    rights.require('USE SCHEMA', { kind: 'SCHEMA', name: within });
    if (state.snapshot().services.has(securableKey(securable))) throw alreadyExists(securable);
    const [catalog = '', schema = ''] = within;
    const id: ServiceName = { kind, catalog, schema, name };
    const row = newRow(id, service, this.#writing(caller, check), randomUUID());
    await state.change(async (tx) => {
      if (!(await objectExists(tx, within))) throw notFound({ kind: 'SCHEMA', name: within });
      if (!(await insertService(tx, row))) throw alreadyExists(securable);
      // What was granted on an earlier service of this name is not for this one.
      await deleteGrantsOn(tx, kind, fullNameOf(row));
    });
    await this.#told;
  }

  /**
   * Changes what the mask names. Needs `MANAGE` or the ownership.
   * @throws GatewayError `caller_conflict` where `etag` is of another version, `caller_invalid_state` for a service of
   *   the configuration, and as `create`.
   */
  async update(
    kind: ServiceKind,
    name: string,
    change: ServiceChange,
    caller: Caller,
    check?: CheckProvider,
  ): Promise<void> {
    const id = await this.#changeable(kind, name, caller);
    const writing = this.#writing(caller, check);
    await this.#state.change(async (tx) => {
      const row = await this.#current(tx, id, change.etag);
      if (!(await updateService(tx, changedRow(row, change, writing), row.etag))) throw conflict(id);
    });
    await this.#told;
  }

  /** Deletes a service and what was granted on it. Needs `MANAGE` or the ownership. @throws as `update`. */
  async remove(kind: ServiceKind, name: string, caller: Caller, etag?: string): Promise<void> {
    const id = await this.#changeable(kind, name, caller);
    await this.#state.change(async (tx) => {
      await this.#current(tx, id, etag);
      await deleteService(tx, id);
      await deleteGrantsOn(tx, kind, fullNameOf(id));
    });
    await this.#told;
  }

  /** The stored version, where it is the one that is meant. */
  async #current(tx: Parameters<typeof selectService>[0], id: ServiceName, etag: string | undefined) {
    const row = await selectService(tx, id);
    if (!row) throw notFound(securableOfName(id));
    if (etag !== undefined && etag !== row.etag) throw conflict(id);
    return row;
  }

  /** Refuses what the caller may not change, by the newest rights there are. */
  async #changeable(kind: ServiceKind, fullName: string, caller: Caller): Promise<ServiceName> {
    await this.#state.refresh();
    const parts = lowerCase(fullName).split('.');
    const [catalog = '', schema = '', name = ''] = parts;
    const securable: Securable = { kind, name: parts };
    const rights = this.#state.rights(caller);
    if (parts.length !== 3 || !rights.sees(securable)) throw notFound(securable);
    if (!rights.manages(securable)) throw insufficient('MANAGE', securable);
    if (this.#state.snapshot().services.get(securableKey(securable))?.origin === 'configuration') {
      throw new GatewayError(
        'caller_invalid_state',
        `${inWords(securable)} is declared in the configuration and cannot be changed by API. Change it in ${DECLARED_BY}.`,
      );
    }
    return { kind, catalog, schema, name };
  }

  #writing(caller: Caller, check: CheckProvider | undefined): Writing {
    const state = this.#state;
    const rights = state.rights(caller);
    const { storedServices } = state.snapshot();
    const uids = new Map(
      storedServices
        .filter((row) => row.kind === 'MODEL_PROVIDER_SERVICE')
        .map((row) => [fullNameOf(row), row.uid] as const),
    );
    const { providerServices } = this.config();
    return {
      caller,
      rights,
      keys: state.keys,
      now: state.now(),
      etag: () => randomBytes(16).toString('base64url'),
      providers: providerServices,
      uidOf: (service) => (service.origin === 'api' ? uids.get(service.name) : undefined),
      tableExists: (name) => state.snapshot().tables.has(name.map(lowerCase).join('.')),
      check,
    };
  }

  /** Builds the configuration anew where services changed; grants alone change nothing here. */
  #update(): void {
    const base = this.#base;
    if (!base) return;
    const rows = this.#state.snapshot().storedServices;
    const mark = rows.map((row) => `${row.uid} ${row.etag}`).join();
    if (this.#config && mark === this.#mark) return;
    const isFirst = this.#config === undefined;
    this.#mark = mark;
    const config = this.#effective.build(base, rows);
    this.#config = config;
    if (isFirst) return;
    this.#told = Promise.allSettled([...this.#listeners].map(async (listener) => listener(config)));
  }
}

/** One part of a service's name: as `checkName` says, and without blanks, since callers send it as a model. */
function checkServiceName(part: string): string {
  const name = checkName(part, 'service');
  if (!/\s/u.test(name)) return name;
  throw new GatewayError('caller_invalid_parameter', '[INVALID_NAME] The name of a service has no blanks in it.', {
    param: 'name',
  });
}

function securableOfName({ kind, catalog, schema, name }: ServiceName): Securable {
  return { kind, name: [catalog, schema, name] };
}

function conflict(id: ServiceName): GatewayError {
  return new GatewayError(
    'caller_conflict',
    `${inWords(securableOfName(id))} was changed since it was read. Read it again, then change it.`,
    { param: 'etag' },
  );
}
