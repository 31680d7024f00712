import type { Lake } from '../lake/lake.ts';
import type { Caller } from './caller.ts';
import { DEFAULT_NAMES, type Catalog, type NameDefaults } from './catalog.ts';
import type { CatalogStatement } from './ddl/catalog-statement.ts';
import type { ResultTable } from './result-table.ts';
import { runAlterObject, runAlterTable, runChangeGrant, runCommentOnColumn, runUse } from './statements/alter.ts';
import { runCreateContainer, runCreateTable, runCreateView, runDrop } from './statements/create.ts';
import { runDescribe } from './statements/describe.ts';
import { runOptimize, runVacuum } from './statements/maintain.ts';
import { runShowGrants, runShowList, runShowTable } from './statements/show.ts';
import type { CheckView, StatementRun } from './statements/statement-run.ts';

export type { CheckView } from './statements/statement-run.ts';

export interface StatementExecutorOptions {
  readonly catalog: Catalog;
  readonly lake: Lake;
  /** Asked before a view is kept. Without it views are kept unchecked, and their columns are not known. */
  readonly checkView?: CheckView | undefined;
}

/** Runs statements about the catalog. Results have the columns that Databricks gives them. */
export class StatementExecutor {
  readonly #options: StatementExecutorOptions;

  constructor(options: StatementExecutorOptions) {
    this.#options = options;
  }

  /**
   * @param defaults what incomplete names are completed with.
   * @throws GatewayError `caller_*_not_found`, `caller_already_exists`, `caller_invalid_state`,
   *   `caller_invalid_parameter`, `policy_forbidden`, `gateway_lake_*`
   */
  async execute(
    statement: CatalogStatement,
    caller: Caller,
    defaults: NameDefaults = DEFAULT_NAMES,
  ): Promise<ResultTable> {
    const { catalog, lake, checkView = async () => undefined } = this.#options;
    return runStatement(statement, { catalog, lake, checkView, caller, defaults });
  }
}

function runStatement(statement: CatalogStatement, run: StatementRun): ResultTable | Promise<ResultTable> {
  switch (statement.kind) {
    case 'create-catalog':
    case 'create-schema':
      return runCreateContainer(statement, run);
    case 'create-table':
      return runCreateTable(statement, run);
    case 'create-view':
      return runCreateView(statement, run);
    case 'drop':
      return runDrop(statement, run);
    case 'alter-table':
      return runAlterTable(statement, run);
    case 'alter-object':
      return runAlterObject(statement, run);
    case 'comment-on-column':
      return runCommentOnColumn(statement, run);
    case 'show-catalogs':
    case 'show-schemas':
    case 'show-tables':
    case 'show-views':
      return runShowList(statement, run);
    case 'show-grants':
      return runShowGrants(statement, run);
    case 'show-columns':
    case 'show-tblproperties':
    case 'show-create-table':
      return runShowTable(statement, run);
    case 'describe-table':
    case 'describe-history':
    case 'describe-detail':
    case 'describe-catalog':
    case 'describe-schema':
      return runDescribe(statement, run);
    case 'grant':
    case 'revoke':
      return runChangeGrant(statement, run);
    case 'optimize':
      return runOptimize(statement, run);
    case 'vacuum':
      return runVacuum(statement, run);
    case 'use':
      return runUse(statement, run);
  }
}
