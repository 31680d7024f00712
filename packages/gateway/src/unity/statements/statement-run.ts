import type { Lake } from '../../lake/lake.ts';
import type { StructType } from '../../lake/schema/delta-type.ts';
import type { Caller } from '../caller.ts';
import type { Catalog, NameDefaults } from '../catalog.ts';

/**
 * Checks the SELECT of a view before it is kept: that it can be read, and that the caller may run it.
 * @returns its columns, `undefined` where they cannot be known without running it.
 * @throws GatewayError as the SQL engine does
 */
export type CheckView = (text: string, caller: Caller, defaults: NameDefaults) => Promise<StructType | undefined>;

/** What the execution of one statement works with. */
export interface StatementRun {
  readonly catalog: Catalog;
  readonly lake: Lake;
  readonly checkView: CheckView;
  readonly caller: Caller;
  readonly defaults: NameDefaults;
}
