import { describe } from 'vitest';
import { sqlitePlace } from '../state/testing/store-place.ts';
import { identitySuite } from './identity-suite.ts';

describe('identity in the embedded store', () => {
  identitySuite(sqlitePlace());
});
