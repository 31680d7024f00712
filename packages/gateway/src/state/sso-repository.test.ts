import { describe } from 'vitest';
import { ssoSuite } from './testing/sso-suite.ts';
import { sqlitePlace } from './testing/store-place.ts';

describe('sign-in through identity providers in the embedded store', () => {
  ssoSuite(sqlitePlace());
});
