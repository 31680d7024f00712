// Renders docs/reference/errors.md from the catalogue. Run by itself it writes the page:
//   node scripts/node24.mjs test/architecture/errors-page.ts
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { catalogue } from '../../packages/gateway/src/errors/catalogue.ts';

/** Where the page lies. */
export const errorsPage = path.join(import.meta.dirname, '..', '..', 'docs', 'reference', 'errors.md');

const faults = [
  ['caller', 'The request is wrong', 'The caller can cure it.'],
  ['policy', 'The request is refused', 'The configuration forbids it; an admin can change that.'],
  ['provider', 'The provider failed', 'What stands behind the gateway did not answer as it should.'],
  ['gateway', 'The gateway failed', 'The log has the details under the request id.'],
] as const;

/** The whole page. */
export function renderErrorsPage(): string {
  const lines = [
    '# Errors',
    '',
    '<!-- Made from packages/gateway/src/errors/catalogue.ts by test/architecture/errors-page.ts. Do not edit. -->',
    '',
    "Every error of the gateway has one code. Inference paths answer in the error shape of the caller's own API, REST",
    'paths as `{"error_code", "message", "details"}` with the `error_code` given here. The first word of a code says whose',
    'fault it is. The code stands in the usage record (`error_code`) and in the log.',
  ];
  for (const [prefix, title, text] of faults) {
    lines.push(
      '',
      `## ${title}`,
      '',
      text,
      '',
      '| code | status | `error_code` | what it means |',
      '| --- | ---: | --- | --- |',
    );
    for (const [code, entry] of Object.entries(catalogue)) {
      if (!code.startsWith(`${prefix}_`)) continue;
      lines.push(`| \`${code}\` | ${entry.status} | \`${entry.vendorCode}\` | ${entry.help} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(errorsPage, renderErrorsPage());
