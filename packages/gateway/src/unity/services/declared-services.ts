import type { ServiceGrant } from '../../config/service-record.ts';
import type { GrantRow } from '../../state/unity-grant-repository.ts';
import { ADMINS } from '../caller.ts';
import type { ServiceInfo } from '../catalog.ts';
import { lowerCase } from '../names.ts';
import type { ServiceSecurableKind } from '../securable.ts';
import type { Snapshot } from '../snapshot.ts';

/** Who grants what the configuration grants. */
export const DECLARED_BY = 'gateway.yaml';

/** A service that the configuration declares, as far as rights are concerned. */
export interface DeclaredService {
  readonly kind: ServiceSecurableKind;
  /** Full name. */
  readonly name: string;
  readonly comment: string | undefined;
  readonly grants: readonly ServiceGrant[];
}

/** The image with the services of the configuration, and with what it grants; one of the same name is shadowed. */
export function withDeclared(snapshot: Snapshot, declared: readonly DeclaredService[]): Snapshot {
  if (declared.length === 0) return snapshot;
  const services = new Map(snapshot.services);
  const grants = new Map<string, readonly GrantRow[]>(snapshot.grants);
  for (const service of declared) {
    const name = lowerCase(service.name);
    const key = `${service.kind} ${name}`;
    services.set(key, serviceInfo(service, name));
    const rows = service.grants.flatMap(({ principal, privileges }) =>
      privileges.map((privilege): GrantRow => ({
        kind: service.kind,
        name,
        principal,
        privilege,
        grantedBy: DECLARED_BY,
        grantedAt: 0,
      })),
    );
    const isNew = (row: GrantRow) =>
      !rows.some(
        (one) => one.privilege === row.privilege && one.principal.toLowerCase() === row.principal.toLowerCase(),
      );
    grants.set(key, [...rows, ...(snapshot.grants.get(key) ?? []).filter(isNew)]);
  }
  return { ...snapshot, services, grants };
}

function serviceInfo({ kind, comment }: DeclaredService, fullName: string): ServiceInfo {
  const [catalog = '', schema = '', name = ''] = fullName.split('.');
  return {
    kind,
    origin: 'configuration',
    catalog,
    schema,
    name,
    owner: ADMINS,
    comment,
    tags: {},
    createdAt: 0,
    createdBy: ADMINS,
    updatedAt: 0,
    builtIn: true,
  };
}
