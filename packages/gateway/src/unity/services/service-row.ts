import type { ModelProviderService, ModelService } from '../../config/gateway-config.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { asRecord, type JsonRecord } from '../../lib/json-value.ts';
import { SealError } from '../../lib/sealed-box.ts';
import { serviceContext } from '../../state/sealed-columns.ts';
import type { EncryptionKeys } from '../../state/encryption-keys.ts';
import type { ServiceName, ServiceRow } from '../../state/service-repository.ts';
import type { Caller } from '../caller.ts';
import { checkPrincipal } from '../principals.ts';
import type { Rights } from '../rights.ts';
import { fullNameOf, resourceOf } from './effective-config.ts';
import { mustRead, readModelResource, readProviderResource } from './read-service.ts';
import { keepSecrets, sealConfig } from './sealed-config.ts';
import { applyMask } from './update-mask.ts';

const MAX_COMMENT = 65_536;
/** Every gateway keeps every service in memory. */
const MAX_CONFIG = 1_048_576;

/** Refuses a provider service that may not be made by API, such as one at a forbidden address. */
export type CheckProvider = (service: ModelProviderService) => void;

/** What a row is written with. */
export interface Writing {
  readonly caller: Caller;
  readonly rights: Rights;
  readonly keys: EncryptionKeys | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  etag(): string;
  /** Every provider service in force. */
  readonly providers: readonly ModelProviderService[];
  /** `uid` of a stored one. */
  uidOf(service: ModelProviderService): string | undefined;
  tableExists(name: readonly string[]): boolean;
  readonly check: CheckProvider | undefined;
}

/** The row of a new service. @throws GatewayError for what is wrong with it. */
export function newRow(
  id: ServiceName,
  given: { readonly owner?: string | undefined; readonly comment?: string | undefined; readonly config: JsonRecord },
  writing: Writing,
  uid: string,
): ServiceRow {
  const { caller, now } = writing;
  const content = written(id, given.comment, given.config, {}, undefined, writing);
  return {
    ...id,
    ...content,
    uid,
    owner: given.owner === undefined ? caller.userName : checkPrincipal(given.owner),
    etag: writing.etag(),
    createdAt: now,
    createdBy: caller.userName,
    updatedAt: now,
    updatedBy: caller.userName,
  };
}

/** A row with what a mask names taken from a body. @throws GatewayError for what is wrong with it. */
export function changedRow(
  row: ServiceRow,
  change: { readonly paths: readonly string[]; readonly body: JsonRecord },
  writing: Writing,
): ServiceRow {
  const current = currentConfig(row, writing);
  const before: JsonRecord = {
    owner: row.owner,
    config: current,
    ...(row.comment === null ? {} : { comment: row.comment }),
  };
  const after = applyMask(before, change.body, change.paths);
  const config = asRecord(after['config']);
  if (!config) throw invalid('config', 'must be an object');
  const kept = keepSecrets(config, current);
  if (!kept) throw invalid('config', 'changes the address: give the credential again, it is not sent to another one');
  if (row.kind === 'MODEL_PROVIDER_SERVICE') refuseOtherType(kept, current);
  const owner = after['owner'];
  if (typeof owner !== 'string') throw invalid('owner', 'must be the name of a user or group');
  const comment = after['comment'];
  if (comment !== undefined && typeof comment !== 'string') throw invalid('comment', 'must be a text');
  const links = JSON.parse(row.providers) as Record<string, string | null>;
  return {
    ...row,
    ...written(row, comment, kept, links, current, writing),
    owner: checkPrincipal(owner),
    etag: writing.etag(),
    updatedAt: Math.max(writing.now, row.createdAt),
    updatedBy: writing.caller.userName,
  };
}

/** @throws GatewayError `caller_invalid_state` where a credential cannot be opened; it stays as it is. */
function currentConfig(row: ServiceRow, { keys }: Writing): JsonRecord {
  try {
    return resourceOf(row, keys).config;
  } catch (error) {
    if (!(error instanceof SealError)) throw error;
    throw new GatewayError('caller_invalid_state', `${error.message} Delete the service and make it again.`, {
      cause: error,
    });
  }
}

function written(
  id: ServiceName,
  comment: string | undefined,
  config: JsonRecord,
  links: Readonly<Record<string, string | null>>,
  before: JsonRecord | undefined,
  writing: Writing,
): Pick<ServiceRow, 'comment' | 'config' | 'providers'> {
  if (comment !== undefined && comment.length > MAX_COMMENT) throw invalid('comment', `is longer than ${MAX_COMMENT}`);
  const name = fullNameOf(id);
  const resource = { name, comment, config };
  let providers: Record<string, string | null> = {};
  if (id.kind === 'MODEL_PROVIDER_SERVICE') {
    const service = mustRead(readProviderResource(resource));
    writing.check?.(service);
  } else {
    const service = mustRead(readModelResource(resource, usable(links, writing)));
    providers = linksOf(service, writing);
    if (JSON.stringify(before?.['inference_table']) !== JSON.stringify(config['inference_table'])) {
      checkInferenceTable(service, writing);
    }
  }
  const sealed = seal(id, config, writing);
  if (sealed.length > MAX_CONFIG) throw invalid('config', `is longer than ${MAX_CONFIG} characters`);
  return { comment: comment ?? null, config: sealed, providers: JSON.stringify(providers) };
}

function seal(id: ServiceName, config: JsonRecord, { keys }: Writing): string {
  if (keys) return sealConfig(config, keys.box(serviceContext(id.kind, fullNameOf(id))));
  if (id.kind === 'MODEL_SERVICE') return JSON.stringify(config);
  throw new GatewayError('gateway_internal', 'There is no key to seal credentials with.');
}

/** Those the caller may execute, and those the service was pointed at already by somebody who could. */
function usable(links: Readonly<Record<string, string | null>>, { providers, rights, uidOf }: Writing) {
  return providers.filter(
    (service) =>
      rights.mayExecute('MODEL_PROVIDER_SERVICE', service.name) ||
      (Object.hasOwn(links, service.name) && links[service.name] === (uidOf(service) ?? null)),
  );
}

function linksOf({ destinations, fallbacks }: ModelService, { providers, uidOf }: Writing) {
  const names = new Set([...destinations, ...fallbacks].map((destination) => destination.providerService));
  return Object.fromEntries(
    providers.filter(({ name }) => names.has(name)).map((service) => [service.name, uidOf(service) ?? null]),
  );
}

/** The gateway makes and fills the table in its own name, so the caller must be one who could. */
function checkInferenceTable({ inferenceTable }: ModelService, { rights, tableExists }: Writing): void {
  if (!inferenceTable) return;
  const { table, redact } = inferenceTable;
  if (tableExists(table)) rights.requireWithin('MODIFY', { kind: 'TABLE', name: table });
  else rights.requireWithin('CREATE TABLE', { kind: 'SCHEMA', name: table.slice(0, 2) });
  // A regular expression may take for ever, and runs where every request does.
  if (!rights.admin && redact.some((rule) => typeof rule !== 'string')) {
    throw new GatewayError(
      'policy_forbidden',
      'Only an admin may give patterns for redact; the named rules are free.',
      {
        param: 'config.inference_table.redact',
      },
    );
  }
}

function refuseOtherType(config: JsonRecord, current: JsonRecord): void {
  const typeOf = (one: JsonRecord) =>
    readProviderResource({ name: 'a.b.c', comment: undefined, config: one }).service?.provider;
  const before = typeOf(current);
  const after = typeOf(config);
  if (before === undefined || after === undefined || before === after) return;
  throw invalid('config.provider_type', 'cannot be changed: make another service');
}

function invalid(field: string, what: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', `The field '${field}' ${what}.`, { param: field });
}
