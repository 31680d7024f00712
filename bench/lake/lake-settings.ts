import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LakeConfig, SqlConfig } from '../../packages/gateway/src/config/gateway-config.ts';
import { readLake, readSql } from '../../packages/gateway/src/config/lake-settings.ts';
import { configSchema } from '../../packages/gateway/src/config/schema.ts';

/** Programs of the built gateway. */
const dist = new URL('../../packages/gateway/dist/', import.meta.url);
export const lakeProcessFile = fileURLToPath(new URL('lake-process.js', dist));
export const sqlProcessFile = fileURLToPath(new URL('sql-process.js', dist));

/** The section `lake` as it is by default, below a directory. */
export function lakeConfig(directory: string): LakeConfig {
  return readLake(configSchema.parse({}).lake, { directory, dataDirectory: path.resolve(directory) });
}

/** The section `sql` as it is by default. */
export function sqlConfig(): SqlConfig {
  return readSql(configSchema.parse({}).sql);
}
