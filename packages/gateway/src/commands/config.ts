import type { Command } from 'commander';
import { explainConfig } from '../config/explain.ts';
import { loadConfig } from '../config/load.ts';
import { reporting } from './report-failure.ts';

interface ConfigOptions {
  readonly config?: string;
  readonly data?: string;
}

/** `config check` and `config explain`. */
export function configCommand(program: Command): void {
  const config = program.command('config').description('check and explain the configuration');
  config
    .command('check')
    .description('validate the configuration; exit 1 and name file, line, key and cure when it is wrong')
    .option('--config <file>', 'gateway.yaml (or UCODE_GATEWAY_CONFIG)')
    .option('--data <dir>', 'data directory (or UCODE_GATEWAY_DATA)')
    .action(
      reporting(async (options: ConfigOptions) => {
        const loaded = await load(options);
        console.log(
          `The configuration is valid: ${loaded.providerServices.length} provider services, ${loaded.modelServices.length} model services, ${loaded.users.length} users.`,
        );
      }),
    );
  config
    .command('explain')
    .description('print the configuration in force and where each part is from; secrets are not shown')
    .option('--config <file>', 'gateway.yaml (or UCODE_GATEWAY_CONFIG)')
    .option('--data <dir>', 'data directory (or UCODE_GATEWAY_DATA)')
    .action(reporting(async (options: ConfigOptions) => console.log(explainConfig(await load(options)))));
}

function load(options: ConfigOptions) {
  return loadConfig({
    ...(options.config === undefined ? {} : { file: options.config }),
    ...(options.data === undefined ? {} : { data: options.data }),
    env: process.env,
  });
}
