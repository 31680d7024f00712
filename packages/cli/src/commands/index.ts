import type { Command } from 'commander';
import { applyCommand } from './apply.ts';
import { completionCommand } from './completion.ts';
import { configureCommand } from './configure.ts';
import type { Context } from './context.ts';
import { diffCommand } from './diff.ts';
import { doctorCommand } from './doctor.ts';
import { loginCommand } from './login.ts';
import { logoutCommand } from './logout.ts';
import { revertCommand } from './revert.ts';
import { setupCommand } from './setup.ts';
import { statusCommand } from './status.ts';
import { upgradeCommand } from './upgrade.ts';
import { usageCommand } from './usage.ts';
import { whoamiCommand } from './whoami.ts';
import { workspaceCommand } from './workspace.ts';

/** Every command that is no agent, a line each, in the order of the help. */
export const commands: readonly ((program: Command, context: Context) => void)[] = [
  configureCommand,
  usageCommand,
  statusCommand,
  doctorCommand,
  diffCommand,
  revertCommand,
  upgradeCommand,
  loginCommand,
  logoutCommand,
  whoamiCommand,
  workspaceCommand,
  setupCommand,
  applyCommand,
  completionCommand,
];
