import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Gateway } from '../../support/gateway-process.ts';

/** Options with which a command works on a gateway's data under this configuration, as the gateway does. */
export async function configurationOf(gateway: Gateway, config: string): Promise<string[]> {
  const file = path.join(path.dirname(gateway.data), 'commands.yaml');
  await writeFile(file, config);
  return ['--data', gateway.data, '--config', file];
}
