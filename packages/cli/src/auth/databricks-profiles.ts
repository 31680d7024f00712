import { readFile } from 'node:fs/promises';
import { systemCode } from '../lib/system-error.ts';
import { join } from '../platform/pathing.ts';
import type { Environment } from '../platform/environment.ts';

/** One section of `~/.databrickscfg`. */
export interface DatabricksProfile {
  readonly name: string;
  readonly host: string;
  readonly token: string | undefined;
}

/** The profiles that name a host; none where there is no file. `DATABRICKS_CONFIG_FILE` names another one. */
export async function readProfiles(environment: Environment): Promise<DatabricksProfile[]> {
  const file = environment.variables['DATABRICKS_CONFIG_FILE'] || join(environment, environment.home, '.databrickscfg');
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw error;
  });
  const sections = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[([^\]]+)\]\s*$/.exec(line)?.[1]?.trim();
    if (section !== undefined) sections.set(section, (current = new Map()));
    const [, key, value] = /^\s*([\w.]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) current?.set(key, value);
  }
  return [...sections].flatMap(([name, values]) => {
    const host = values.get('host');
    return host === undefined ? [] : [{ name, host, token: values.get('token') || undefined }];
  });
}
