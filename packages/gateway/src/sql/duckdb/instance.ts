import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { macrosFor } from './macros.ts';

export interface InstanceOptions {
  /** Bytes of DuckDB's own memory. */
  readonly memoryBytes: number;
  readonly threads: number;
  /** The only files that can be read, absolute. */
  readonly paths: readonly string[];
  /** Text that will be run, for the functions it calls. */
  readonly sql: string;
}

/** A DuckDB instance in memory. */
export interface OpenInstance {
  readonly connection: DuckDBConnection;
  /** Forbids every file but `paths` and every change of a setting. Call before anything of a caller runs. */
  lock(): Promise<void>;
  close(): void;
}

/** A new instance with Databricks' functions, in UTC, nulls ordered as Databricks does. */
export async function openInstance({ memoryBytes, threads, paths, sql }: InstanceOptions): Promise<OpenInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${Math.ceil(memoryBytes / 1024)}KiB`,
    threads: String(threads),
    temp_directory: '',
    // With it, several threads that read many small files into a table need hundreds of megabytes more.
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    default_null_order: 'nulls_first_on_asc_last_on_desc',
  });
  const connection = await instance.connect();
  await connection.run(["SET TimeZone = 'UTC'", 'SET enable_progress_bar = false', ...macrosFor(sql)].join(';\n'));
  return {
    connection,
    lock: async () => {
      const list = paths.map((path) => `'${path.replaceAll("'", "''")}'`).join(', ');
      await connection.run(`SET allowed_paths = [${list}]`);
      await connection.run('SET enable_external_access = false');
      await connection.run('SET lock_configuration = true');
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
