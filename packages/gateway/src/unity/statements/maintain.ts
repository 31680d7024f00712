import { field, struct } from '../../lake/schema/delta-type.ts';
import type { Optimize, Vacuum } from '../ddl/catalog-statement.ts';
import { notATable } from '../refusals.ts';
import type { ResultTable } from '../result-table.ts';
import { textResult, typedResult } from './result.ts';
import type { StatementRun } from './statement-run.ts';

const metrics = struct(
  field('numFilesAdded', 'long'),
  field('numFilesRemoved', 'long'),
  field('filesAddedBytes', 'long'),
  field('filesRemovedBytes', 'long'),
);

export async function runOptimize({ name }: Optimize, run: StatementRun): Promise<ResultTable> {
  const location = maintainable(name, run);
  const result = await run.lake.optimize(location, run.caller.userName);
  const { uri } = await run.lake.describe(location);
  const counts = {
    numFilesAdded: result.filesAdded,
    numFilesRemoved: result.filesRemoved,
    filesAddedBytes: result.bytesAdded,
    filesRemovedBytes: result.bytesRemoved,
  };
  return typedResult({ path: 'string', metrics }, [[uri, JSON.stringify(counts)]]);
}

/** VACUUM gives the table's place; with DRY RUN the files that would go. */
export async function runVacuum({ name, retentionHours, dryRun }: Vacuum, run: StatementRun): Promise<ResultTable> {
  const location = maintainable(name, run);
  const { deleted } = await run.lake.vacuum(location, { retentionHours, dryRun }, run.caller.userName);
  const { uri } = await run.lake.describe(location);
  return textResult(['path'], dryRun ? deleted.map((key) => [`${uri.replace(/\/$/, '')}/${key}`]) : [[uri]]);
}

/** Location of a managed table that the caller may modify. */
function maintainable(name: readonly string[], run: StatementRun): string {
  const info = run.catalog.tableInfo(name, run.caller, run.defaults);
  const parts = [info.catalog, info.schema, info.name];
  run.catalog.require('MODIFY', { kind: 'TABLE', name: parts }, run.caller);
  if (!info.table) throw notATable(parts);
  return info.table.location;
}
