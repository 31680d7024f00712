// The official Node driver for SQL warehouses, pinned, in a prefix under `.agents/` in the repository root.
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { npm } from '../agents/install.ts';
import { repositoryRoot } from './repository.ts';

const NAME = '@databricks/sql';
const VERSION = '1.12.0';

/** What these tests use of the driver. */
export interface DatabricksSql {
  readonly DBSQLClient: new (options?: { logger: { log(level: string, message: string): void } }) => SqlClient;
  readonly DBSQLParameter: new (parameter: { type?: string; value: unknown }) => unknown;
}

export interface SqlClient {
  connect(options: {
    host: string;
    port: number;
    path: string;
    token: string;
    socketTimeout?: number;
  }): Promise<SqlClient>;
  openSession(options?: { initialCatalog?: string; initialSchema?: string }): Promise<SqlSession>;
  close(): Promise<void>;
}

export interface SqlSession {
  executeStatement(sql: string, options?: Record<string, unknown>): Promise<SqlOperation>;
  getInfo(type: number): Promise<{ getValue(): unknown }>;
  getTypeInfo(): Promise<SqlOperation>;
  getCatalogs(): Promise<SqlOperation>;
  getSchemas(filter?: Record<string, string>): Promise<SqlOperation>;
  getTables(filter?: Record<string, unknown>): Promise<SqlOperation>;
  getTableTypes(): Promise<SqlOperation>;
  getColumns(filter?: Record<string, string>): Promise<SqlOperation>;
  getFunctions(filter: Record<string, string>): Promise<SqlOperation>;
  getPrimaryKeys(filter: Record<string, string>): Promise<SqlOperation>;
  close(): Promise<unknown>;
}

export interface SqlOperation {
  readonly id: string;
  fetchAll(options?: { maxRows: number }): Promise<Record<string, unknown>[]>;
  fetchChunk(options?: { maxRows: number; disableBuffering?: boolean }): Promise<Record<string, unknown>[]>;
  hasMoreRows(): Promise<boolean>;
  status(): Promise<{ operationState: number }>;
  cancel(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** The driver, installed now unless it already is. LZ4, its optional part, is left out. */
export async function databricksSql(): Promise<DatabricksSql> {
  const prefix = path.join(repositoryRoot, '.agents', `databricks-sql-${VERSION}`);
  if (!existsSync(prefix)) {
    const partial = `${prefix}.partial-${process.pid}`;
    try {
      await mkdir(partial, { recursive: true });
      await writeFile(path.join(partial, 'package.json'), '{"name":"driver-prefix","private":true}\n');
      await npm(partial, 'install', '--no-save', '--ignore-scripts', '--omit=optional', `${NAME}@${VERSION}`);
      await rename(partial, prefix);
    } catch (error) {
      // Another process may have finished the same prefix meanwhile.
      if (!existsSync(prefix)) throw error;
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  return createRequire(path.join(prefix, 'package.json'))(NAME) as DatabricksSql;
}
