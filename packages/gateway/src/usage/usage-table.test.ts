import { expect, test } from 'vitest';
import { field, map, struct, type DeltaType } from '../lake/schema/delta-type.ts';
import { LakePlace } from '../lake/testing/lake-place.ts';
import { buildUsageRecord } from './build-record.ts';
import { usageInput } from './testing/usage-input.ts';
import { usageFeed, usageTable, usageTables } from './usage-table.ts';

const record = buildUsageRecord(usageInput({ price: { input: '5', output: '25' } }));

/** Whether a value of a record can stand in a column. */
function fits(value: unknown, type: DeltaType): boolean {
  if (value === null) return true;
  if (typeof type === 'string') {
    if (type === 'string') return typeof value === 'string';
    if (type === 'boolean') return typeof value === 'boolean';
    if (type === 'timestamp') return new Date(value as string).toISOString() === value;
    if (type.startsWith('decimal')) return /^\d{1,26}(?:\.\d{1,12})?$/.test(value as string);
    return Number.isInteger(value);
  }
  if (type.type === 'array') return (value as unknown[]).every((item) => fits(item, type.elementType));
  if (type.type === 'map') return Object.values(value as object).every((item) => fits(item, type.valueType));
  const fields = new Map(type.fields.map((one) => [one.name, one.type]));
  const entries = Object.entries(value as object);
  return (
    entries.length === fields.size && entries.every(([name, item]) => fields.has(name) && fits(item, fields.get(name)!))
  );
}

test('the columns are those of the record, in its order, and every value fits its column', () => {
  const { fields } = usageTable.schema!;
  expect(fields.map(({ name }) => name)).toEqual(Object.keys(record));
  for (const { name, type } of fields) {
    expect([name, fits(record[name as keyof typeof record], type)]).toEqual([name, true]);
  }
  expect(fields.every(({ metadata }) => typeof metadata['comment'] === 'string')).toBe(true);
});

test('a record goes to the table as it is', () => {
  const table = { id: 'u', location: 'system/ai_gateway/usage' };
  const payload = Buffer.from(`${JSON.stringify(record)}\n`);
  const { toRows } = usageFeed({ directory: '/nowhere', table });
  expect(toRows(payload)).toEqual({ table, lines: payload, count: 1 });
  expect(() => toRows(Buffer.from('{"cut\n'))).toThrow();
});

test('text that is no Unicode does not reach the table', async () => {
  const place = await LakePlace.make();
  try {
    const table = await place.table('usage', struct(field('tags', map('string', 'string'))));
    const tags = { '\ud800': 'a\ud83d🎉\\ud800' };
    const { lines } = usageFeed({ directory: '/nowhere', table }).toRows(Buffer.from(JSON.stringify({ tags })));
    await place.lake.append({ table, rows: [lines] });
    expect(await place.query(table)).toEqual([{ tags: { '\ufffd': 'a\ufffd🎉\\ud800' } }]);
  } finally {
    await place.remove();
  }
});

test('everything built in shows everyone their own rows by a column it has', () => {
  for (const { ownRowsColumn, schema, viewText } of usageTables) {
    expect(ownRowsColumn).toBe('requester');
    expect(schema?.fields.some(({ name }) => name === 'requester') ?? /\n {2}requester\b/.test(viewText!)).toBe(true);
  }
});
