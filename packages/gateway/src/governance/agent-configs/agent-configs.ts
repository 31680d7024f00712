import { randomUUID } from 'node:crypto';
import { GatewayError } from '../../errors/gateway-error.ts';
import {
  deleteAgentConfig,
  insertAgentConfig,
  selectAgentConfig,
  selectAgentConfigs,
  updateAgentConfig,
  type AgentConfigRow,
} from '../../state/agent-config-repository.ts';
import { LiveImage, type ChangeWatcher } from '../../state/live-image.ts';
import type { Queryable } from '../../state/store.ts';
import { checkDefinition, readDefinition } from './check-definition.ts';
import { mutableFields, type Definition } from './definition.ts';

const COLLECTION = 'coding-agent-configs/';

/** A managed configuration. Times are milliseconds since 1970. */
export interface AgentConfig {
  readonly id: string;
  /** `coding-agent-configs/{id}` */
  readonly name: string;
  readonly workspaceId: string;
  readonly definition: Definition;
  /** Another one after each change. */
  readonly etag: string;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** How an update is asked for. */
export interface AgentConfigUpdate {
  readonly body: Readonly<Record<string, unknown>>;
  /** Field names, separated by commas. */
  readonly mask: string;
  /** The change is refused where the configuration has another one by now. */
  readonly etag: string | undefined;
}

/** What a change made of a configuration. */
export interface AgentConfigChange {
  readonly before: AgentConfig;
  readonly after: AgentConfig;
}

export interface AgentConfigsOptions {
  readonly workspaceId: () => string;
  readonly now?: () => number;
}

/** The managed configuration of coding agents: at most one in a workspace, read from memory (workspace-contract 7.1, 7.2). */
export class AgentConfigs {
  readonly #image: LiveImage<readonly AgentConfig[]>;
  readonly #options: AgentConfigsOptions;

  private constructor(image: LiveImage<readonly AgentConfig[]>, options: AgentConfigsOptions) {
    this.#image = image;
    this.#options = options;
  }

  static async open(watcher: ChangeWatcher, options: AgentConfigsOptions): Promise<AgentConfigs> {
    const read = async (db: Queryable): Promise<readonly AgentConfig[]> => (await selectAgentConfigs(db)).map(toConfig);
    return new AgentConfigs(await LiveImage.open(watcher, 'agent-configs', read), options);
  }

  /** The workspace's configuration, where it has one. */
  get current(): AgentConfig | undefined {
    const workspaceId = this.#options.workspaceId();
    return this.#image.current.find((config) => config.workspaceId === workspaceId);
  }

  /** @throws GatewayError `caller_not_found` */
  get(id: string): AgentConfig {
    const { current } = this;
    if (current?.id !== id) throw notFound(id);
    return current;
  }

  /** @throws GatewayError `caller_invalid_parameter`, `caller_already_exists` */
  async create(body: Readonly<Record<string, unknown>>, userName: string): Promise<AgentConfig> {
    const definition = checkDefinition(pick(readDefinition(body)));
    const at = this.#now();
    const row: AgentConfigRow = {
      id: randomUUID(),
      workspaceId: this.#options.workspaceId(),
      definition: JSON.stringify(definition),
      version: 1,
      createdAt: at,
      createdBy: userName,
      updatedAt: at,
      updatedBy: userName,
    };
    await this.#image.change(async (tx) => {
      if (await insertAgentConfig(tx, row)) return;
      throw new GatewayError(
        'caller_already_exists',
        'The workspace has a coding agent configuration already. Update that one.',
      );
    });
    return toConfig(row);
  }

  /**
   * Takes the fields of the mask from the body; one that the body does not have is cleared.
   * @throws GatewayError `caller_invalid_parameter`, `caller_not_found`, `caller_etag_mismatch`
   */
  async update(id: string, { body, mask, etag }: AgentConfigUpdate, userName: string): Promise<AgentConfigChange> {
    const fields = readMask(mask);
    const given = readDefinition(body);
    if (given.name !== undefined && given.name !== COLLECTION + id) {
      throw new GatewayError('caller_invalid_parameter', "The field 'name' is not that of the path.", {
        param: 'name',
      });
    }
    const expected = etag ?? given.etag;
    return this.#image.change(async (tx) => {
      const row = await this.#find(tx, id);
      refuseOther(row, expected);
      const merged: Record<string, unknown> = { ...(JSON.parse(row.definition) as Definition) };
      for (const field of fields) {
        if (given[field] === undefined) delete merged[field];
        else merged[field] = given[field];
      }
      const changed: AgentConfigRow = {
        ...row,
        definition: JSON.stringify(checkDefinition(merged as Definition)),
        version: row.version + 1,
        updatedAt: this.#now(),
        updatedBy: userName,
      };
      await updateAgentConfig(tx, changed);
      return { before: toConfig(row), after: toConfig(changed) };
    });
  }

  /** @returns what was deleted. @throws GatewayError `caller_not_found`, `caller_etag_mismatch` */
  async delete(id: string, etag: string | undefined): Promise<AgentConfig> {
    return this.#image.change(async (tx) => {
      const row = await this.#find(tx, id);
      refuseOther(row, etag);
      await deleteAgentConfig(tx, id);
      return toConfig(row);
    });
  }

  async #find(tx: Queryable, id: string): Promise<AgentConfigRow> {
    const row = await selectAgentConfig(tx, id);
    if (row?.workspaceId !== this.#options.workspaceId()) throw notFound(id);
    return row;
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}

/** @throws GatewayError `caller_invalid_parameter` for an empty mask and for fields that cannot be changed */
function readMask(mask: string): (keyof Definition)[] {
  const fields = mask.split(',').map((field) => field.trim());
  const known: readonly string[] = mutableFields;
  const wrong = fields.find((field) => !known.includes(field));
  if (wrong === undefined) return fields as (keyof Definition)[];
  const problem =
    mask.trim() === ''
      ? 'is needed and must name at least one field'
      : `names '${wrong.slice(0, 100)}', which cannot be changed; these can: ${known.join(', ')}`;
  throw new GatewayError('caller_invalid_parameter', `The field 'update_mask' ${problem}.`, { param: 'update_mask' });
}

function pick(given: Readonly<Record<string, unknown>>): Definition {
  return Object.fromEntries(
    mutableFields.flatMap((field) => (given[field] === undefined ? [] : [[field, given[field]]])),
  ) as Definition;
}

function refuseOther(row: AgentConfigRow, etag: string | undefined): void {
  if (etag === undefined || etag === etagOf(row)) return;
  throw new GatewayError(
    'caller_etag_mismatch',
    'The configuration was changed since it was read. Read it again and try again.',
  );
}

function etagOf({ id, version }: AgentConfigRow): string {
  return `${id.slice(0, 8)}-${version}`;
}

function toConfig(row: AgentConfigRow): AgentConfig {
  const { id, workspaceId, createdAt, createdBy, updatedAt, updatedBy } = row;
  return {
    id,
    name: COLLECTION + id,
    workspaceId,
    definition: JSON.parse(row.definition) as Definition,
    etag: etagOf(row),
    createdAt,
    createdBy,
    updatedAt,
    updatedBy,
  };
}

function notFound(id: string): GatewayError {
  const shown = id.slice(0, 100).replace(/\p{Cc}/gu, '?');
  return new GatewayError('caller_not_found', `The coding agent configuration '${shown}' does not exist.`);
}
