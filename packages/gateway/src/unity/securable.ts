/** What can be owned and granted on. */
export type SecurableKind = 'METASTORE' | 'CATALOG' | 'SCHEMA' | 'TABLE';

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
] as const;

export type Privilege = (typeof privileges)[number];

/** `ALL PRIVILEGES` as REST spells it: `ALL_PRIVILEGES`. */
export function restPrivilege(privilege: Privilege): string {
  return privilege.replaceAll(' ', '_');
}
