import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { DEFAULT_NAMES } from '../unity/catalog.ts';
import { withDataOptions, type DataOptions } from './data-options.ts';
import { runRemotely } from './remote-sql.ts';
import { reporting } from './report-failure.ts';
import { csvLines, jsonLines, kindOfType, tableLines, type OutputTable } from './sql-output.ts';
import { printing, printLine } from './standard-output.ts';

interface SqlOptions extends DataOptions {
  readonly file?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly user?: string;
  readonly catalog?: string;
  readonly schema?: string;
  readonly url?: string;
  readonly token?: string;
}

/** `sql`: runs one statement on the data directory, beside a running gateway or not, or at a gateway with `--url`. */
export function sqlCommand(program: Command): void {
  withDataOptions(
    program
      .command('sql')
      .description('run one SQL statement and print its result')
      .argument('[statement]', 'the statement; - reads it from standard input')
      .option('--file <file>', 'read the statement from this file')
      .addOption(new Option('--json', 'one JSON object per row').conflicts('csv'))
      .option('--csv', 'comma-separated values with a header')
      .option('--user <name>', 'configured user whose rights to use (default: the first admin)')
      .option('--catalog <name>', 'catalog of incomplete names', DEFAULT_NAMES.catalog)
      .option('--schema <name>', 'schema of incomplete names', DEFAULT_NAMES.schema)
      .addOption(
        new Option('--url <url>', 'ask the gateway there instead of working on the data').conflicts(['user', 'data']),
      )
      .addOption(new Option('--token <token>', 'token for --url').env('UCODE_TOKEN')),
  ).action(
    reporting((statement: string | undefined, options: SqlOptions) => printing(() => runSql(statement, options))),
  );
}

async function runSql(statement: string | undefined, options: SqlOptions): Promise<void> {
  const sql = await readStatement(statement, options.file);
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  try {
    const run = options.url === undefined ? runLocally : runAtGateway;
    await printResult(await run(sql, options, interrupt.signal), options);
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function readStatement(statement: string | undefined, file: string | undefined): Promise<string> {
  if (file !== undefined && statement !== undefined) throw new Error('Give a statement or --file, not both.');
  if (file !== undefined) return readFile(file, 'utf8');
  if (statement === '-') return text(process.stdin);
  if (statement === undefined) throw new Error('Give a statement in quotes, - for standard input, or --file FILE.');
  return statement;
}

async function runLocally(sql: string, options: SqlOptions, signal: AbortSignal): Promise<OutputTable> {
  // Only here: the other commands, `serve` among them, must not load DuckDB.
  const { openLocalServices } = await import('../processes/local-services.ts');
  const { config, data, user, catalog, schema } = options;
  const services = await openLocalServices({
    ...(config === undefined ? {} : { config }),
    ...(data === undefined ? {} : { data }),
    ...(user === undefined ? {} : { user }),
  });
  try {
    const defaults = { catalog: catalog ?? DEFAULT_NAMES.catalog, schema: schema ?? DEFAULT_NAMES.schema };
    const { columns, rows, truncated } = await services.sql.execute({ sql, caller: services.caller, defaults }, signal);
    return { columns: columns.map(({ name, type }) => ({ name, kind: kindOfType(type) })), rows, truncated };
  } finally {
    await services.close();
  }
}

async function runAtGateway(statement: string, options: SqlOptions, signal: AbortSignal): Promise<OutputTable> {
  const { url = '', token, catalog, schema } = options;
  if (!URL.canParse(url)) throw new Error(`--url ${url} is not a URL such as http://127.0.0.1:8484.`);
  if (!token) throw new Error('Give a token for --url with --token, or in UCODE_TOKEN.');
  return runRemotely({ url, token }, { statement, catalog, schema }, signal);
}

async function printResult(table: OutputTable, { json, csv }: SqlOptions): Promise<void> {
  if (table.columns.length === 0) return;
  const format = json ? jsonLines : csv ? csvLines : tableLines;
  for (const line of format(table)) await printLine(line);
  if (table.truncated) {
    console.error(
      `Cut off after ${table.rows.length} rows; more were there. See sql.max_rows and sql.max_result_bytes.`,
    );
  }
}
