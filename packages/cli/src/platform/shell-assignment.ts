import path from 'node:path';
import type { Environment } from './environment.ts';

/** A line that sets a variable in the shell that somebody uses: PowerShell, fish, or one of the Bourne family. */
export function shellAssignment(name: string, value: string, { platform, variables }: Environment): string {
  if (platform === 'win32') return `$env:${name} = '${value.replaceAll("'", "''")}'`;
  if (path.posix.basename(variables['SHELL'] ?? '') === 'fish')
    return `set -gx ${name} '${value.replace(/[\\']/g, String.raw`\$&`)}'`;
  return `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`;
}
