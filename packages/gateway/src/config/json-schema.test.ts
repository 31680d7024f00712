import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { providers } from '../providers/index.ts';
import { configurationReference } from './configuration-reference.ts';
import { configJsonSchema, schemaAt, type JsonSchema } from './json-schema.ts';
import { loadConfig } from './load.ts';
import { testingFile } from './testing-file.ts';

const CURE = 'run `node scripts/generate-schema.mjs`';

function read(relative: string): string {
  return readFileSync(new URL(relative, import.meta.url), 'utf8');
}

/** Every key below `schema`, with its path. */
function keys(schema: JsonSchema, at = ''): [string, JsonSchema][] {
  const parts = [schema, ...(schema.anyOf ?? [])];
  return parts.flatMap((part) => [
    ...Object.entries(part.properties ?? {}).flatMap(([key, property]): [string, JsonSchema][] => [
      [`${at}.${key}`, property],
      ...keys(property, `${at}.${key}`),
    ]),
    ...(part.items ? keys(part.items, `${at}[]`) : []),
  ]);
}

describe('the published schema', () => {
  const schema = configJsonSchema();

  test('is the one in the repository', () => {
    expect(JSON.parse(read('./gateway.schema.json')), CURE).toEqual(JSON.parse(JSON.stringify(schema)));
  });

  test('is what the reference says', () => {
    expect(read('../../../../docs/reference/configuration.md'), CURE).toBe(configurationReference());
  });

  test('and its example loads', async () => {
    const example = /```yaml\n([^`]+)```/.exec(configurationReference())?.[1] ?? '';
    const file = testingFile(example);
    writeFileSync(path.join(path.dirname(file), 'local.key'), 'sk-local\n');
    const config = await loadConfig({ file, env: { ANTHROPIC_API_KEY: 'sk-example' } });
    expect(config.modelServices.map((service) => service.name)).toEqual(['system.ai.claude-opus-4-8']);
  });

  test('describes every key, for editors', () => {
    const all = keys(schema);
    expect(all.length).toBeGreaterThan(50);
    for (const [path, property] of all) expect(property.description, path).toBeTruthy();
  });

  test('has the block of every provider', () => {
    const config = ['model_provider_services', 0, 'config'] as const;
    for (const { block } of providers) expect(schemaAt(schema, [...config, block, 'direct']), block).toBeDefined();
  });

  test('refuses unknown keys everywhere', () => {
    for (const [path, property] of keys(schema)) {
      if (property.properties) expect(property.additionalProperties, path).toBe(false);
    }
  });
});
