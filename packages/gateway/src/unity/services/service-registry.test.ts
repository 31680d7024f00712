import { describe } from 'vitest';
import { sqlitePlace } from '../../state/testing/store-place.ts';
import { serviceRightsSuite } from '../testing/service-rights-suite.ts';
import { servicesSuite } from '../testing/services-suite.ts';

describe('services', () => servicesSuite(sqlitePlace()));
describe('rights', () => serviceRightsSuite(sqlitePlace()));
