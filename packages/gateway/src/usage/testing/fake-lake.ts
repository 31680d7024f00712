import { GatewayError } from '../../errors/gateway-error.ts';
import type { Append, AppendResult, TableRef } from '../../lake/lake.ts';
import { UnfitRowsError } from '../../lake/parquet/unfit-rows.ts';
import type { LoaderLake } from '../loader-options.ts';

/** What goes wrong once. `lost`: the append is committed, and its answer never arrives. `refused`: as `unfit`, but once. */
export type PassingFault = 'unavailable' | 'conflict' | 'lost' | 'refused';
/** What goes wrong until somebody repairs it. `unsupported` also keeps the table from telling its transactions. */
export type LastingFault = 'unfit' | 'unsupported' | 'unforeseen';

interface FakeTable {
  readonly ref: TableRef;
  readonly rows: string[];
  readonly transactions: Map<string, number>;
  readonly faults: PassingFault[];
  broken: LastingFault | undefined;
  takes: (line: string) => boolean;
}

/** Tables in memory that keep to the contract of `Lake`, and fail when told to. */
export class FakeLake implements LoaderLake {
  readonly #tables = new Map<string, FakeTable>();
  /** Awaited before and after whatever a call does; a test ends its process here. */
  step: () => Promise<void> = async () => {};
  appends = 0;

  create(id: string): TableRef {
    const ref = { id, location: `main/default/${id}` };
    this.#tables.set(id, { ref, rows: [], transactions: new Map(), faults: [], broken: undefined, takes: () => true });
    return ref;
  }

  drop(id: string): void {
    this.#tables.delete(id);
  }

  /** Lets the next calls of a table fail, one fault each. */
  fail(id: string, ...faults: PassingFault[]): void {
    this.#tables.get(id)?.faults.push(...faults);
  }

  /** From now on nothing fails any more that was to fail once. */
  mend(id: string): void {
    this.#table(id).faults.length = 0;
  }

  break(id: string, fault: LastingFault | undefined): void {
    this.#table(id).broken = fault;
  }

  /** Says which rows fit the table from now on. */
  fit(id: string, takes: (row: unknown) => boolean): void {
    this.#table(id).takes = (line) => takes(JSON.parse(line));
  }

  rows(id: string): unknown[] {
    return this.#table(id).rows.map((line) => JSON.parse(line) as unknown);
  }

  async append({ table: ref, rows, transaction }: Append): Promise<AppendResult> {
    this.appends += 1;
    await this.step();
    const table = this.#open(ref);
    const fault = table.faults.shift();
    if (fault !== undefined && fault !== 'lost') throw passing(fault);
    if (table.broken !== undefined) throw lasting(table.broken);
    const { appId, version } = transaction ?? { appId: '', version: 0 };
    const skipped = transaction !== undefined && (table.transactions.get(appId) ?? -1) >= version;
    const lines = rows.flatMap((part) => Buffer.from(part).toString('utf8').split('\n').slice(0, -1));
    const unfit = lines.flatMap((line, index) => (table.takes(line) ? [] : [{ index, reason: `not "${line}"` }]));
    if (!skipped && unfit.length > 0) throw new UnfitRowsError(unfit, lines.length);
    if (!skipped) {
      table.rows.push(...lines);
      table.transactions.set(appId, version);
    }
    await this.step();
    if (fault === 'lost') throw passing('unavailable');
    return { version: table.transactions.size, skipped, rows: skipped ? 0 : lines.length };
  }

  async lastTransaction(ref: TableRef, appId: string): Promise<number | undefined> {
    await this.step();
    const table = this.#open(ref);
    const fault = table.faults.shift();
    if (fault !== undefined) throw passing(fault);
    if (table.broken === 'unsupported') throw lasting('unsupported');
    const version = table.transactions.get(appId);
    await this.step();
    return version;
  }

  #table(id: string): FakeTable {
    const table = this.#tables.get(id);
    if (table === undefined) throw new Error(`The test made no table '${id}'.`);
    return table;
  }

  #open(ref: TableRef): FakeTable {
    const table = this.#tables.get(ref.id);
    if (table === undefined) throw new GatewayError('caller_table_not_found', 'There is no such table.');
    return table;
  }
}

function passing(fault: PassingFault): Error {
  if (fault === 'refused') return lasting('unfit');
  const code = fault === 'conflict' ? 'gateway_lake_conflict' : 'gateway_lake_unavailable';
  return new GatewayError(code, `A fault of the test: ${fault}.`);
}

function lasting(fault: LastingFault): Error {
  if (fault === 'unforeseen') return new Error('A fault of the test that nobody foresaw.');
  return new GatewayError(
    fault === 'unfit' ? 'caller_table_unfit' : 'gateway_lake_unsupported',
    'A fault of the test.',
  );
}
