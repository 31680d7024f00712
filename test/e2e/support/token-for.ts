import path from 'node:path';
import { expect } from 'vitest';
import type { Gateway } from '../../support/gateway-process.ts';
import { ucodeGateway } from './command-line.ts';

/** A token of a configured user of a gateway that was started with a `config`. */
export async function tokenFor(gateway: Pick<Gateway, 'data'>, user: string): Promise<string> {
  const file = path.join(gateway.data, '..', 'gateway.yaml');
  const made = await ucodeGateway(['token', 'create', '--user', user, '--config', file, '--data', gateway.data]);
  expect(made.stderr).toBe('');
  return made.stdout.trim();
}
