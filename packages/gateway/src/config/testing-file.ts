import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { GatewayConfig } from './gateway-config.ts';
import { loadConfig } from './load.ts';
import { ConfigError, type ConfigProblem } from './problems.ts';

/** A private directory that is gone after the test. */
export function testingDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'gateway-config-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes `text` as gateway.yaml into a private directory; gives its path. */
export function testingFile(text: string): string {
  const file = path.join(testingDirectory(), 'gateway.yaml');
  writeFileSync(file, text);
  return file;
}

/** Loads `text` as a file. */
export function load(text: string, env: Readonly<Record<string, string>> = {}): Promise<GatewayConfig> {
  return loadConfig({ file: testingFile(text), env });
}

/** The problems that `text` has; none when it loads. */
export async function problemsOf(
  text: string,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly ConfigProblem[]> {
  try {
    await load(text, env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** One provider and one model service on it, for tests that change a part. */
export const smallFile = `
model_provider_services:
  - name: main.default.one
    config:
      openai:
        direct:
          api_key: sk-literal
      targets:
        - model: gpt-5.5
model_services:
  - name: main.team.fast
    config:
      routing:
        destinations:
          - external_model_config:
              model_provider_service: main.default.one
              target: { model: gpt-5.5 }
`;
