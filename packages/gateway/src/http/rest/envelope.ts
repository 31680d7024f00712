import { contentEtag } from './etag.ts';

/**
 * Time of creation of what a configuration file declares. The true time is not known; the epoch is
 * what clients take for "unknown" (so say Anthropic's models API), and it is stable over restarts.
 */
export const declaredTime = '1970-01-01T00:00:00Z';

/** Owner of what the configuration declares: the vendor's group of workspace admins. */
const declaredOwner = 'admins';

/**
 * Puts the vendor's common fields around a resource (unity-ai-gateway 12.1).
 * @param full the whole resource, from which the `etag` is made; the same in every view.
 * @param shown what of it goes out.
 */
export function envelope<T extends object>(name: string, comment: string | undefined, full: object, shown: T) {
  return {
    name,
    ...(comment === undefined ? {} : { comment }),
    effective_owner: declaredOwner,
    create_time: declaredTime,
    update_time: declaredTime,
    ...shown,
    etag: contentEtag([name, comment, full]),
  };
}
