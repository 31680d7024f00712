import type { Command } from 'commander';
import { EncryptionKeys } from '../state/encryption-keys.ts';
import { loadFor, withDataOptions, type DataOptions } from './data-options.ts';
import { openExistingStateOf } from './open-state.ts';
import { reporting } from './report-failure.ts';

/** `secrets rotate`. It works beside running gateways, and may be stopped and begun again. */
export function secretsCommand(program: Command): void {
  const secrets = program.command('secrets').description('the keys that seal stored credentials');
  withDataOptions(
    secrets
      .command('rotate')
      .description('seal everything stored with the current key; then earlier keys are no longer needed')
      .option('--new-key', 'make a new key in the key file first; not where the configuration gives the key'),
  ).action(reporting(rotate));
}

async function rotate(options: DataOptions & { readonly newKey?: boolean }): Promise<void> {
  const config = await loadFor(options);
  const { encryption, server } = config;
  const store = await openExistingStateOf(config);
  try {
    const keys = await EncryptionKeys.open({ store, config: encryption, dataDirectory: server.dataDirectory });
    if (options.newKey) await keys.addKey();
    const changed = await keys.reseal();
    console.error(`Sealed ${changed} anew; everything is sealed with the key ${keys.currentId} now.`);
  } finally {
    await store.close();
  }
}
