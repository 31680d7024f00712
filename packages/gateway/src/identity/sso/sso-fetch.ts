import type { CustomFetch } from 'openid-client';
import type { SsoProviderConfig } from '../../config/sso-settings.ts';

/** `fetch` for one provider: bounded answers, no redirects followed, addresses checked, its certificates trusted. */
export type SsoFetch = CustomFetch;

/** Makes it; from the room that owns connections (`upstream/guarded-fetch.ts`). */
export type SsoConnect = (provider: SsoProviderConfig) => SsoFetch;
