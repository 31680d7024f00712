/** Services in a schema: objects that are called. Named as the grants table and REST name them. */
export const serviceKinds = ['MODEL_SERVICE', 'MODEL_PROVIDER_SERVICE', 'MCP_SERVICE', 'AGENT_SERVICE'] as const;

export type ServiceSecurableKind = (typeof serviceKinds)[number];

/** What can be owned and granted on. */
export type SecurableKind = 'METASTORE' | 'CATALOG' | 'SCHEMA' | 'TABLE' | ServiceSecurableKind;

export function isServiceKind(kind: SecurableKind): kind is ServiceSecurableKind {
  return (serviceKinds as readonly string[]).includes(kind);
}

/** A name of one to three parts; none for the metastore. Compared without regard to case, shown in lower case. */
export interface Securable {
  readonly kind: SecurableKind;
  readonly name: readonly string[];
}

/** Privileges that can be granted (Unity Catalog privileges reference). Views count as tables. */
export const privileges = [
  'ALL PRIVILEGES',
  'USE CATALOG',
  'USE SCHEMA',
  'CREATE CATALOG',
  'CREATE SCHEMA',
  'CREATE TABLE',
  'SELECT',
  'MODIFY',
  'BROWSE',
  'MANAGE',
  'APPLY TAG',
  'CREATE SERVICE',
  'EXECUTE',
  'READ METADATA',
] as const;

export type Privilege = (typeof privileges)[number];

/** `ALL PRIVILEGES` as REST spells it: `ALL_PRIVILEGES`. */
export function restPrivilege(privilege: Privilege): string {
  return privilege.replaceAll(' ', '_');
}
