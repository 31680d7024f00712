import { GatewayError } from '../errors/gateway-error.ts';
import { shown } from './names.ts';
import { isServiceKind, type Privilege, type Securable, type SecurableKind } from './securable.ts';

const kindNames: Readonly<Record<SecurableKind, string>> = {
  METASTORE: 'Metastore',
  CATALOG: 'Catalog',
  SCHEMA: 'Schema',
  TABLE: 'Table',
  MODEL_SERVICE: 'Model service',
  MODEL_PROVIDER_SERVICE: 'Model provider service',
  MCP_SERVICE: 'MCP service',
  AGENT_SERVICE: 'Agent service',
};

/** The object in words: `Table 'main.default.x'`. */
export function inWords({ kind, name }: Securable): string {
  return kind === 'METASTORE' ? 'the Metastore' : `${kindNames[kind]} ${shown(name)}`;
}

export function notFound({ kind, name }: Securable): GatewayError {
  switch (kind) {
    case 'METASTORE':
    case 'CATALOG':
      return new GatewayError(
        'caller_catalog_not_found',
        `[NO_SUCH_CATALOG_EXCEPTION] Catalog ${shown(name)} was not found. SHOW CATALOGS lists those you may see.`,
      );
    case 'SCHEMA':
      return new GatewayError(
        'caller_schema_not_found',
        `[SCHEMA_NOT_FOUND] The schema ${shown(name)} cannot be found. Check its spelling and its catalog.`,
      );
    case 'TABLE':
      return new GatewayError(
        'caller_table_not_found',
        `[TABLE_OR_VIEW_NOT_FOUND] The table or view ${shown(name)} cannot be found. Check its spelling, its catalog and its schema.`,
      );
    default:
      return new GatewayError('caller_not_found', `${kindNames[kind]} ${shown(name)} does not exist.`);
  }
}

export function alreadyExists({ kind, name }: Securable): GatewayError {
  if (isServiceKind(kind)) {
    return new GatewayError(
      'caller_already_exists',
      `${kindNames[kind]} ${shown(name)} exists already. Choose another name, or change the one that is there.`,
    );
  }
  const errorClass = kind === 'TABLE' ? 'TABLE_OR_VIEW_ALREADY_EXISTS' : `${kind}_ALREADY_EXISTS`;
  const what = kind === 'TABLE' ? 'table or view' : kind.toLowerCase();
  return new GatewayError(
    'caller_already_exists',
    `[${errorClass}] Cannot create the ${what} ${shown(name)}: it exists already. Choose another name, say IF NOT EXISTS, or drop it first.`,
  );
}

export function insufficient(privilege: Privilege, securable: Securable): GatewayError {
  return new GatewayError(
    'policy_forbidden',
    `[INSUFFICIENT_PERMISSIONS] User does not have ${privilege} on ${inWords(securable)}.`,
  );
}

export function builtIn(securable: Securable): GatewayError {
  return new GatewayError(
    'policy_forbidden',
    `[INSUFFICIENT_PERMISSIONS] ${inWords(securable)} is built in and cannot be changed.`,
  );
}

export function notATable(name: readonly string[]): GatewayError {
  return new GatewayError(
    'caller_table_unfit',
    `[EXPECT_TABLE_NOT_VIEW] ${shown(name)} is a view; this needs a managed table.`,
  );
}
