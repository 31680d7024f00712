import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { pythonEnvironment } from '../support/python.ts';
import { repositoryRoot } from '../support/repository.ts';

/** The validator of the OpenAPI community; it brings the official JSON Schema of OpenAPI 3.1. */
const VALIDATOR = 'openapi-spec-validator==0.9.0';
const file = path.join(repositoryRoot, 'docs', 'reference', 'openapi.json');
const run = promisify(execFile);

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
}, 120_000);
afterAll(() => gateway?.stop());

it('a reader in another language finds the document valid', async () => {
  const { python } = await pythonEnvironment([VALIDATOR]);
  const { stdout } = await run(python, ['-m', 'openapi_spec_validator', '--schema', '3.1', file]);
  expect(stdout).toContain('OK');
}, 600_000);

it('the gateway serves the document of the repository, without a token', async () => {
  const response = await fetch(`${gateway.url}/api/openapi.json`);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual(JSON.parse(await readFile(file, 'utf8')));
});

it('nothing secret is in it', async () => {
  const text = await (await fetch(`${gateway.url}/api/openapi.json`)).text();
  expect(text).not.toContain(gateway.token);
  expect(text).not.toContain(gateway.data);
});
