import { Command } from 'commander';
import { configCommand } from './config.ts';
import { invoiceCommand } from './invoice.ts';
import { otelCommand } from './otel.ts';
import { groupCommand } from './group.ts';
import { secretsCommand } from './secrets.ts';
import { serveCommand } from './serve.ts';
import { servicePrincipalCommand } from './service-principal.ts';
import { sqlCommand } from './sql.ts';
import { tokenCommand } from './token.ts';
import { usageCommand } from './usage.ts';
import { userCommand } from './user.ts';
import { version } from './version.ts';

/** The `ucode-gateway` command line. */
export function createProgram(): Command {
  const program = new Command('ucode-gateway')
    .description('One governed gateway between coding agents and model providers.')
    .version(version)
    .showHelpAfterError()
    .addHelpText(
      'after',
      '\nExamples:\n  ucode-gateway serve\n  ucode-gateway token create --user admin\n  ucode-gateway usage --by agent\n  ucode-gateway sql "SELECT * FROM system.ai_gateway.usage LIMIT 10"\n  ucode-gateway config check --config gateway.yaml',
    );
  serveCommand(program);
  configCommand(program);
  tokenCommand(program);
  userCommand(program);
  groupCommand(program);
  servicePrincipalCommand(program);
  usageCommand(program);
  invoiceCommand(program);
  otelCommand(program);
  sqlCommand(program);
  secretsCommand(program);
  return program;
}
