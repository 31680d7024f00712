import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../packages/gateway/src/errors/catalogue.ts';
import { inferencePaths } from '../../packages/gateway/src/inference/inference-path.ts';
import { providers } from '../../packages/gateway/src/providers/index.ts';
import { cliPage, commandsOf, renderCommands } from './cli-page.ts';
import { errorsPage, renderErrorsPage } from './errors-page.ts';
import { renderRoutes, routesOf } from './routes-section.ts';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join('docs', name)),
  path.join('bench', 'RESULTS.md'),
];

describe('the documentation', () => {
  it('is seen by this test', () => {
    expect(pages.length).toBeGreaterThanOrEqual(12);
  });

  it.each(pages)('%s links only to files that exist', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map((match) => match[1] ?? '');
    const missing = links.filter((link) => !existsSync(path.join(root, path.dirname(page), link)));
    expect(missing).toEqual([]);
  });

  it('names every error as the catalogue has it', () => {
    expect(Object.keys(catalogue).length).toBeGreaterThan(20);
    expect(readFileSync(errorsPage, 'utf8')).toBe(renderErrorsPage());
  });

  it('has every command of the launcher, with its options, and every variable that it reads', () => {
    const page = readFileSync(cliPage, 'utf8');
    expect(commandsOf(page), 'run `node scripts/node24.mjs test/architecture/cli-page.ts`').toBe(renderCommands());
    expect(commandsOf(page)).toContain('### `ucode configure telemetry`');
    const sources = readdirSync(path.join(root, 'packages', 'cli', 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => read(path.join('packages', 'cli', 'src', name)));
    const variables = new Set(sources.flatMap((source) => source.match(/\b(?:UCODE|DATABRICKS)_[A-Z_]+/g) ?? []));
    // Told to the agent, not read.
    for (const name of ['UCODE_PROXY', 'UCODE_PROXY_SECRET']) variables.delete(name);
    expect(variables.size).toBeGreaterThan(6);
    expect([...variables].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('lists every route of the control plane as it describes itself, and who may call it', () => {
    const cure = 'run `node scripts/node24.mjs test/architecture/routes-section.ts`';
    const listed = routesOf(read('docs/reference/http.md'));
    expect(listed, cure).toBe(renderRoutes());
    expect(listed).toContain('| `POST /oidc/v1/token` |');
    expect(listed).toContain('| `DELETE /api/2.0/token-management/tokens/{id}` | admins |');
    expect(listed.split('\n').filter((line) => line.startsWith('| `')).length).toBeGreaterThan(90);
  });

  it('names every inference path', () => {
    const page = read('docs/reference/http.md');
    expect(inferencePaths.map(({ path: p }) => p).filter((p) => !page.includes(`/ai-gateway/${p}\``))).toEqual([]);
  });

  it('names every provider and the variable that registers it', () => {
    const page = read('docs/guides/providers.md');
    const wanted = providers.flatMap(({ id, environmentKey }) => (environmentKey ? [id, environmentKey] : [id]));
    expect(wanted.length).toBeGreaterThanOrEqual(8);
    expect(wanted.filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
  });

  it('names every column of the usage record', () => {
    const source = read('packages/gateway/src/usage/usage-record.ts');
    const columns = [...source.matchAll(/^ {2}(\w+)\??: /gm)].map((match) => match[1] ?? '');
    const page = read('docs/reference/usage-record.md');
    expect(columns.length).toBeGreaterThan(50);
    expect([...new Set(columns)].filter((column) => !page.includes(`\`${column}\``))).toEqual([]);
  });

  it('names every directive of the demo provider', () => {
    const source = read('packages/gateway/src/providers/demo/scenario.ts');
    const table = source.slice(source.indexOf('const PARTS'), source.indexOf('export class DirectiveCounter'));
    const directives = [...table.matchAll(/^ {2}'?([a-z][a-z0-9-]*)'?: /gm)].map((match) => match[1] ?? '');
    const page = read('docs/reference/demo-provider.md');
    expect(directives.length).toBeGreaterThan(15);
    expect(directives.filter((name) => !new RegExp(`\\| \`${name}[:\`[]`).test(page))).toEqual([]);
  });
});
