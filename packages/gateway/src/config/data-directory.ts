import { homedir } from 'node:os';
import path from 'node:path';

/**
 * Where the gateway keeps its data when nothing says otherwise: the platform's place for a user's
 * application data (XDG base directories on Linux).
 */
export function defaultDataDirectory(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string {
  if (platform === 'win32') {
    const home = env['USERPROFILE'] || homedir();
    return path.win32.join(env['LOCALAPPDATA'] || path.win32.join(home, 'AppData', 'Local'), 'ucode-gateway');
  }
  const home = env['HOME'] || homedir();
  if (platform === 'darwin') return path.posix.join(home, 'Library', 'Application Support', 'ucode-gateway');
  const xdg = env['XDG_DATA_HOME'];
  // The XDG specification: a relative path is invalid and to be ignored.
  const base = xdg && path.posix.isAbsolute(xdg) ? xdg : path.posix.join(home, '.local', 'share');
  return path.posix.join(base, 'ucode-gateway');
}
