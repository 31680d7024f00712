import type { ServiceRecord } from '../../config/service-record.ts';
import { contentEtag } from './etag.ts';

/**
 * Time of creation of what a configuration file declares. The true time is not known; the epoch is
 * what clients take for "unknown" (so say Anthropic's models API), and it is stable over restarts.
 */
export const declaredTime = '1970-01-01T00:00:00Z';

/**
 * Puts the vendor's common fields around a resource (unity-ai-gateway 12.1).
 * @param full the whole resource, from which the `etag` of a configured one is made; the same in every view.
 * @param shown what of it goes out.
 */
export function envelope<T extends object>(
  name: string,
  record: ServiceRecord & { readonly comment: string | undefined },
  full: object,
  shown: T,
) {
  const { comment, owner, createdAt, createdBy, updatedAt, updatedBy } = record;
  return {
    name,
    ...(comment === undefined ? {} : { comment }),
    effective_owner: owner,
    create_time: time(createdAt),
    ...(createdBy === undefined ? {} : { created_by: createdBy }),
    update_time: time(updatedAt),
    ...(updatedBy === undefined ? {} : { updated_by: updatedBy }),
    ...shown,
    etag: record.etag ?? contentEtag([name, comment, full]),
  };
}

function time(at: number | undefined): string {
  return at === undefined ? declaredTime : new Date(at).toISOString();
}
