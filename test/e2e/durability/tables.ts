import { field, map, struct } from '../../../packages/gateway/src/lake/schema/delta-type.ts';

/** The tables of the durability test. */
export const durabilityTables = ['one', 'two', 'three'].map((name) => ({ id: `table-${name}`, location: `d/${name}` }));

export const durabilitySchema = struct(
  field('id', 'string'),
  field('at', 'long'),
  field('attributes', map('string', 'string')),
);
