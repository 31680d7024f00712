import path from 'node:path';
import { version } from '../commands/version.ts';
import { gatewayErrors } from '../errors/error-codec.ts';
import type { Lake } from '../lake/lake.ts';
import { LocalLake } from '../lake/local-lake.ts';
import { openStore } from '../lake/object-store/open-store.ts';
import { serveParent, type Handlers } from '../lib/child/serve-parent.ts';
import { makeDirectory } from '../lib/make-directory.ts';
import { auditFeed } from '../usage/audit-table.ts';
import { guardedLake } from '../usage/guarded-lake.ts';
import { Loader } from '../usage/loader.ts';
import { payloadFeed } from '../usage/payload-table.ts';
import { telemetryFeed } from '../usage/telemetry-feed.ts';
import { usageFeed } from '../usage/usage-table.ts';
import {
  spoolDirectoryName,
  spoolNames,
  type CommittedNote,
  type LoadedNote,
  type LogNote,
  type OpenLake,
  type ProgressNote,
  type SpoolName,
  type StartLoader,
} from './lake-protocol.ts';

/**
 * The lake process: keeps the tables and empties the spools into them. Everything it does can be cut off
 * at any instant and is taken up again by its successor.
 */
let opened: { readonly request: OpenLake; readonly lake: LocalLake } | undefined;
let loader: Loader | undefined;

/** sysexits.h, EX_SOFTWARE. */
const BROKEN_EXIT_CODE = 70;

const lakeMethods = [
  'createTable',
  'describe',
  'scan',
  'append',
  'lastTransaction',
  'alter',
  'history',
  'optimize',
  'vacuum',
  'deleteBefore',
  'maintain',
  'remove',
] as const satisfies readonly (keyof Lake)[];

const handlers: Handlers = {
  async open(request: OpenLake): Promise<void> {
    const { dataDirectory, lake } = request;
    const temporaryDirectory = path.join(dataDirectory, 'tmp', 'lake');
    makeDirectory(temporaryDirectory);
    const store = await openStore(lake, { cacheDirectory: path.join(dataDirectory, 'lake-cache') });
    const local = await LocalLake.open({
      store,
      temporaryDirectory,
      memoryLimitBytes: lake.memoryLimitBytes,
      engineInfo: `ucode-gateway/${version}`,
      onBroken: () => process.exit(BROKEN_EXIT_CODE),
    });
    opened = { request, lake: local };
  },
  startLoader({ usageTable, auditTable, committed }: StartLoader): void {
    const { request, lake } = requireOpened();
    const directory = (spool: SpoolName): string => path.join(request.dataDirectory, spoolDirectoryName(spool));
    loader = new Loader({
      lake: guardedLake(lake, usageTable, [auditTable]),
      feeds: [
        usageFeed({ directory: directory('usage'), table: usageTable }),
        payloadFeed({ directory: directory('payloads') }),
        telemetryFeed({ directory: directory('telemetry') }),
        auditFeed({ directory: directory('audit'), table: auditTable }),
      ],
      parkedDirectory: path.join(request.dataDirectory, 'parked'),
      commitIntervalMs: request.lake.commitIntervalMs,
      log: { info: note('info'), warn: note('warn'), error: note('error') },
      onProgress: ({ feed, outcome, rows }) =>
        parent.note('progress', { spool: feed as SpoolName, outcome, rows } satisfies ProgressNote),
      onLoaded: (spool, position) =>
        parent.note('loaded', { spool: spool as SpoolName, position } satisfies LoadedNote),
    });
    for (const spool of spoolNames) loader.committed(spool, committed[spool]);
    loader.start();
  },
  async drain(): Promise<void> {
    await loader?.drain();
  },
  ...Object.fromEntries(
    lakeMethods.map((method) => [
      method,
      (params: readonly unknown[]) => {
        const { lake } = requireOpened();
        return (lake[method] as (...all: unknown[]) => unknown).apply(lake, [...params]);
      },
    ]),
  ),
};

const parent = serveParent(handlers, {
  errors: gatewayErrors,
  onNote(name, data) {
    if (name !== 'committed') return;
    const { spool, position } = data as CommittedNote;
    loader?.committed(spool, position);
  },
});

function note(level: LogNote['level']): (fields: object, message: string) => void {
  return (fields, message) => parent.note('log', { level, fields: { ...fields }, message } satisfies LogNote);
}

// Ctrl-C reaches the whole group; this process ends with the gateway, after the spools are drained.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

function requireOpened(): NonNullable<typeof opened> {
  if (!opened) throw new Error('The lake is not open yet.');
  return opened;
}
