import type { AuditChange } from '../audit/audit-event.ts';
import type { Caller } from './caller.ts';
import type { Catalog, NameDefaults } from './catalog.ts';
import type { CatalogStatement } from './ddl/catalog-statement.ts';
import { completeSecurable, keyOf } from './names.ts';
import { restPrivilege, type Securable, type SecurableKind } from './securable.ts';

/** What is changed: an object, or what is granted on it. */
export interface ChangedPart {
  readonly securable: Securable;
  readonly isGrant: boolean;
}

/** What a statement changes, in the words that the REST API has for the same change. */
export interface CatalogChange extends ChangedPart {
  /** API family and operation of the REST route that does the same, for the audit log. */
  readonly service: string;
  readonly action: string;
}

const KINDS: Readonly<Record<SecurableKind, { readonly noun: string; readonly service: string }>> = {
  METASTORE: { noun: 'Metastore', service: 'unityCatalog' },
  CATALOG: { noun: 'Catalog', service: 'unityCatalog' },
  SCHEMA: { noun: 'Schema', service: 'unityCatalog' },
  TABLE: { noun: 'Table', service: 'unityCatalog' },
  MODEL_SERVICE: { noun: 'ModelService', service: 'modelServices' },
  MODEL_PROVIDER_SERVICE: { noun: 'ModelProviderService', service: 'modelProviderServices' },
  MCP_SERVICE: { noun: 'McpService', service: 'mcpServices' },
  AGENT_SERVICE: { noun: 'AgentService', service: 'agentServices' },
};

/** What the statement changes; `undefined` for one that only reads, or keeps tables in shape. */
export function catalogChangeOf(statement: CatalogStatement, defaults: NameDefaults): CatalogChange | undefined {
  const change = (verb: string, { kind, name }: Securable): CatalogChange => {
    const { noun, service } = KINDS[kind];
    return { service, action: verb + noun, securable: completeSecurable({ kind, name }, defaults), isGrant: false };
  };
  switch (statement.kind) {
    case 'create-catalog':
      return change('create', { kind: 'CATALOG', name: statement.name });
    case 'create-schema':
      return change('create', { kind: 'SCHEMA', name: statement.name });
    case 'create-table':
    case 'create-view':
      return change('create', { kind: 'TABLE', name: statement.name });
    case 'alter-table':
      return change('update', { kind: 'TABLE', name: statement.name });
    case 'comment-on-column':
      return change('update', { kind: 'TABLE', name: statement.name.slice(0, -1) });
    case 'alter-object':
      return change('update', statement.securable);
    case 'drop':
      return change('delete', statement.securable);
    case 'vacuum':
      return statement.dryRun ? undefined : change('vacuum', { kind: 'TABLE', name: statement.name });
    case 'grant':
    case 'revoke': {
      const securable = completeSecurable(statement.securable, defaults);
      return { service: 'unityCatalog', action: 'updatePermissions', securable, isGrant: true };
    }
    default:
      return undefined;
  }
}

/** What is changed, as the REST API names it: `tables/main.team.a`, `permissions/schema/main.team`. */
export function targetOf({ securable: { kind, name }, isGrant }: ChangedPart): string {
  const words = kind.toLowerCase();
  return `${isGrant ? `permissions/${words}` : `${words.replaceAll('_', '-')}s`}/${keyOf(name)}`;
}

/** How what is changed stands at this moment, for before and after; `undefined` where it is not there. */
export function stateOf(change: ChangedPart, catalog: Catalog, caller: Caller): AuditChange['before'] {
  try {
    return change.isGrant ? grantsOn(change.securable, catalog, caller) : objectOf(change.securable, catalog, caller);
  } catch {
    return undefined;
  }
}

function grantsOn(securable: Securable, catalog: Catalog, caller: Caller): Readonly<Record<string, string[]>> {
  const own = catalog.grants(securable, caller).filter(({ on }) => on.kind === securable.kind);
  const held: Record<string, string[]> = {};
  for (const { principal, privilege } of own) (held[principal] ??= []).push(restPrivilege(privilege));
  return held;
}

function objectOf({ kind, name }: Securable, catalog: Catalog, caller: Caller): AuditChange['before'] {
  if (kind === 'CATALOG') {
    const { owner, comment, tags } = catalog.catalogInfo(keyOf(name), caller);
    return { owner, comment, tags };
  }
  if (kind === 'SCHEMA') {
    const { owner, comment, tags } = catalog.schemaInfo(name, caller);
    return { owner, comment, tags };
  }
  if (kind !== 'TABLE') return undefined;
  const { owner, comment, tags, kind: type, viewText } = catalog.tableInfo(name, caller);
  return { owner, comment, tags, type, view_text: viewText };
}
