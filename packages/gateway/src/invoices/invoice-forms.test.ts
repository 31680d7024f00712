import { expect, test } from 'vitest';
import { invoiceCsv } from './invoice-csv.ts';
import { invoiceJson } from './invoice-json.ts';
import { invoicePdf } from './invoice-pdf.ts';
import { testingFigures, testingInvoice } from './testing-invoice.ts';

test('JSON has amounts as texts, and unknown costs nowhere', () => {
  const json = invoiceJson(testingInvoice());
  expect(json).toMatchObject({
    month: '2026-10',
    for: { type: 'group', name: 'Research, "R&D"' },
    currency: 'USD',
    status: 'final',
    total: { requests: 1_234, cost_usd: '1234.57', exact_cost_usd: '1234.567890123456' },
    unpriced: [{ model: 'house-model', invocations: 3, input_tokens: 10, output_tokens: 20 }],
  });
  expect(json.breakdowns[2]).toMatchObject({ by: 'tag', tag: '@team' });
  expect(json.breakdowns[2]?.lines.at(-1)).toMatchObject({ name: null, all_others: true });
  expect(json.unpriced[0]).not.toHaveProperty('cost_usd');
});

test('CSV is RFC 4180, and no field is a formula', () => {
  const lines = invoiceCsv(testingInvoice()).split('\r\n');
  expect(lines[0]).toBe('month,for,name,section,tag,item,requests,input_tokens,output_tokens,cost_usd,exact_cost_usd');
  const figures = '1234,5678901,234567,1234.57,1234.567890123456';
  expect(lines[1]).toBe(`2026-10,group,"Research, ""R&D""",total,,,${figures}`);
  expect(lines[4]).toContain(`user,,"'=HYPERLINK(""http://evil.example"",""x"")",`);
  expect(lines[6]).toContain(`tag,'@team,'+1-1,`);
  expect(invoiceCsv(testingInvoice())).toContain('"a\r\nb"');
  expect(invoiceCsv(testingInvoice())).toMatch(/unpriced,,house-model,3,10,20,,\r\n$/);
});

test('a PDF has as many pages as its lines need', async () => {
  const line = { ...testingFigures, rest: false };
  const lines = Array.from({ length: 120 }, (_, at) => ({ ...line, name: `model ${at} ${'long '.repeat(40)} \u4e2d` }));
  const text = Buffer.from(
    await invoicePdf(testingInvoice({ breakdowns: [{ by: 'model', key: undefined, lines }] })),
  ).toString('latin1');
  expect(text.startsWith('%PDF-1.')).toBe(true);
  expect(text.trimEnd().endsWith('%%EOF')).toBe(true);
  expect(text.match(/\/Type \/Page\b/g)).toHaveLength(3);
  expect(text).not.toContain('/FontFile');
});

test('a PDF of very many lines stays of a size', async () => {
  const line = { ...testingFigures, rest: false };
  const lines = Array.from({ length: 10_000 }, (_, at) => ({ ...line, name: `user-${at}@example.com` }));
  const bytes = await invoicePdf(testingInvoice({ breakdowns: [{ by: 'user', key: undefined, lines }] }));
  expect(bytes.length).toBeLessThan(500_000);
});
