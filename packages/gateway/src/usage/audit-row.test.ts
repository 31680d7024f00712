import { expect, test } from 'vitest';
import { LakePlace } from '../lake/testing/lake-place.ts';
import { auditRow } from './audit-row.ts';
import { auditFeed, auditTable } from './audit-table.ts';
import { cleanJson, cleanText } from './clean-audit.ts';
import { changeEvent, refusalEvent } from './testing/audit-events.ts';

const CANARY = 'canary-4711-do-not-show';
const KEY = 'sk-canary4711donotshowanywhere';

test('a row has the columns of the table, in their order', () => {
  expect(Object.keys(auditRow(changeEvent(), '1'))).toEqual(auditTable.schema!.fields.map(({ name }) => name));
  expect(auditTable.ownRowsColumn).toBeUndefined();
});

test('rows come out of the table as they went in', async () => {
  const place = await LakePlace.make();
  try {
    const table = await place.table('audit', auditTable.schema!);
    const { toRows } = auditFeed({ directory: '/nowhere', table });
    const flood = { count: 7, firstAt: Date.UTC(2026, 10, 22, 23, 59), lastAt: Date.UTC(2026, 10, 23) };
    const rows = [auditRow(changeEvent(), '12345678901234567890'), auditRow(refusalEvent(), '1', flood)];
    for (const row of rows) {
      await place.lake.append({ table, rows: [toRows(Buffer.from(`${JSON.stringify(row)}\n`)).lines] });
    }
    const found = await place.query(table);
    expect(found).toMatchObject([
      {
        workspace_id: '12345678901234567890',
        user_identity: { email: 'ada@example.com', subject_name: null },
        request_params: {
          name: 'main.team.fast',
          target: 'model-services/main.team.fast',
          after: '{"name":"main.team.fast"}',
        },
        response: { status_code: 200, error_message: null, result: null },
      },
      { error_code: 'caller_unauthenticated', request_params: { event_count: '7' } },
    ]);
    expect(found.map((row) => Number((row as Record<string, unknown>)['event_count']))).toEqual([1, 7]);
  } finally {
    await place.remove();
  }
});

test('no secret gets into a row, wherever it stands', () => {
  const row = auditRow(
    changeEvent({
      userAgent: `agent ${KEY}`,
      errorMessage: `Wrong key: Bearer ${KEY}`,
      parameters: { token: CANARY, authorization: `Basic ${CANARY}`, name: KEY },
      change: {
        target: `tokens/${KEY}`,
        before: { config: { openai: { direct: { api_key: { plaintext: CANARY }, note: `uses ${KEY}` } } } },
        after: [
          { client_secret: CANARY },
          { headers: { 'x-api-key': CANARY, cookie: [CANARY] } },
          { password: CANARY },
        ],
      },
    }),
    '1',
  );
  const text = JSON.stringify(row);
  expect(text).not.toContain(CANARY);
  expect(text).not.toContain('canary4711');
  expect(text).toContain('[secret]');
});

test('what is shown of a change are numbers, flags and the absence of a secret', () => {
  expect(cleanJson({ tokens: 1000, token: null, secret: true, token_id: 't-1' })).toBe(
    '{"tokens":1000,"token":null,"secret":true,"token_id":"t-1"}',
  );
});

test('control characters, direction marks and halves of characters do not pass', () => {
  expect(cleanText('a\nb\u001b[31mc\u202ed\ud800')).toBe('a b [31mc d\ufffd');
});

test('a value that is too long stays valid JSON and says that it is cut off', () => {
  const text = cleanJson(Array.from({ length: 100 }, (_, at) => `${at} `.padEnd(1_000, 'x')));
  expect(text.length).toBeLessThan(60_000);
  expect(JSON.parse(text)).toMatchObject({ cut_off: true });
  expect(cleanText('x'.repeat(1_000_000))).toHaveLength(2_001);
});

test('what is too deep, wide or no JSON is bounded', () => {
  const loop: Record<string, unknown> = { url: new URL('https://example.com/x') };
  loop['self'] = loop;
  expect(JSON.parse(cleanJson(loop))).toMatchObject({ url: 'https://example.com/x' });
  expect(
    JSON.parse(cleanJson(Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, 1])))),
  ).toHaveProperty('k199');
  expect(cleanJson(undefined)).toBe('null');
  expect(cleanJson({ big: 10n, bytes: new Uint8Array(3) })).toBe('{"big":"10","bytes":"[3 bytes]"}');
});
