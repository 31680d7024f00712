import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { invoicePdf } from '../../packages/gateway/src/invoices/invoice-pdf.ts';
import { testingFigures, testingInvoice } from '../../packages/gateway/src/invoices/testing-invoice.ts';
import { pythonEnvironment } from '../support/python.ts';

const run = promisify(execFile);
/** Prints the pages' texts and the document's title as JSON. */
const READER = `
import json, sys
from pypdf import PdfReader
reader = PdfReader(sys.argv[1], strict=True)
print(json.dumps({"title": reader.metadata.title, "pages": [page.extract_text() for page in reader.pages]}))
`;

let directory: string;
let python: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'ucode-invoice-'));
  ({ python } = await pythonEnvironment(['pypdf==7.1.0']));
}, 600_000);
afterAll(() => rm(directory, { recursive: true, force: true }));

async function read(bytes: Uint8Array): Promise<{ title: string; pages: string[] }> {
  const file = path.join(directory, 'invoice.pdf');
  await writeFile(file, bytes);
  const { stdout } = await run(python, ['-c', READER, file], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as { title: string; pages: string[] };
}

it('a reader in another language finds every figure', async () => {
  const { title, pages } = await read(await invoicePdf(testingInvoice()));
  expect(title).toBe('Usage statement 2026-10, group Research, "R&D"');
  const text = pages.join('\n');
  for (const part of [
    'Usage statement',
    'Total: USD 1,234.57',
    'By model',
    'claude-opus-4-8',
    '(unknown)',
    'By tag @team',
    '(all others)',
    '5,678,901',
    'Without a known price',
    'house-model',
    'Page 1 of 1',
  ]) {
    expect(text).toContain(part);
  }
});

it('pages are numbered, and each repeats the heading of its table', async () => {
  const line = { ...testingFigures, rest: false };
  const lines = Array.from({ length: 120 }, (_, at) => ({ ...line, name: `model-${at}` }));
  const { pages } = await read(
    await invoicePdf(testingInvoice({ breakdowns: [{ by: 'model', key: undefined, lines }], unpriced: [] })),
  );
  expect(pages.length).toBeGreaterThan(2);
  for (const [at, text] of pages.entries()) {
    expect(text).toContain(`Page ${at + 1} of ${pages.length}`);
    expect(text).toContain('Output tokens');
  }
  for (let at = 0; at < 120; at++)
    expect(pages.filter((text) => text.includes(`model-${at}\n`) || text.includes(`model-${at} `))).not.toEqual([]);
});
