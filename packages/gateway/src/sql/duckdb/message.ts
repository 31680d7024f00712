import { GatewayError } from '../../errors/gateway-error.ts';

type Translation = readonly [pattern: RegExp, text: (match: RegExpMatchArray) => string];

/** DuckDB's messages with the error class that Databricks has for the case. */
const translations: readonly Translation[] = [
  [/(\[[A-Z][A-Z0-9_.]{3,}\][^\n]*)/, ([, own]) => own!],
  [/Referenced column "([^"]*)" (?:was )?not found/, ([, name]) => unresolved(name!)],
  [/Values list "[^"]*" does not have a column named "([^"]*)"/, ([, name]) => unresolved(name!)],
  [/Table "([^"]*)" does not have a column named "([^"]*)"/, ([, table, name]) => unresolved(`${table}.${name}`)],
  [/Referenced table "([^"]*)" not found/, ([, name]) => unresolved(name!)],
  [
    /column "([^"]*)" must appear in the GROUP BY clause/i,
    ([, name]) => `[MISSING_AGGREGATION] The column "${name}" is neither grouped by nor aggregated.`,
  ],
  [
    /Ambiguous reference to (?:column name|table) "([^"]*)"/i,
    ([, name]) => `[AMBIGUOUS_REFERENCE] The reference "${name}" may mean several columns.`,
  ],
  [
    /Could not find key "([^"]*)" in struct/i,
    ([, name]) => `[FIELD_NOT_FOUND] There is no field "${name}" in the struct.`,
  ],
  [
    /Conversion Error:\s*(Could not convert|invalid|.*out of range|.*format)([^\n]*)/i,
    ([, kind, rest]) => `[CAST_INVALID_INPUT] ${kind}${rest} Use try_cast to get NULL instead.`,
  ],
  [/Malformed JSON[^\n]*/, ([text]) => `[MALFORMED_RECORD_IN_PARSING] ${text}`],
  [/Out of Range Error:\s*Overflow([^\n]*)/, ([, rest]) => `[ARITHMETIC_OVERFLOW] Overflow${rest}`],
  [
    /No function matches the given name and argument types '([^']*)'/,
    ([, call]) => `[DATATYPE_MISMATCH] No function fits the types of ${call}.`,
  ],
  [
    /(?:Scalar|Aggregate|Table|Macro) Function with name "?([^\s"]+)"? does not exist/,
    ([, name]) => `[UNRESOLVED_ROUTINE] There is no function ${name}.`,
  ],
  [
    /Macro function ['"]?([\w]+)[^\n]*?(?:does not support|requires|parameter|argument)[^\n]*/i,
    ([, name]) => `[WRONG_NUM_ARGS] ${name} was called with arguments that it does not take.`,
  ],
  [
    /More than one row returned by a subquery/i,
    () => '[SCALAR_SUBQUERY_TOO_MANY_ROWS] More than one row was returned by a subquery used as an expression.',
  ],
];

/**
 * What DuckDB threw, as an error for the caller: with Databricks' error class where there is one, without
 * our relations' names, paths and the rewritten text.
 */
export function toSqlError(error: unknown): unknown {
  if (error instanceof GatewayError || !(error instanceof Error)) return error;
  if (!/^[A-Za-z ]+ Error\b/.test(error.message)) return error;
  if (error.message.startsWith('Out of Memory Error')) {
    return new GatewayError(
      'caller_sql_limit',
      'The statement needs more memory than sql.memory_limit allows. Read fewer rows or columns.',
    );
  }
  if (/^(IO|Permission|Internal|Fatal|Dependency|HTTP) Error/.test(error.message)) {
    return new GatewayError(
      'caller_sql_failed',
      'The statement could not read one of its tables. Run it again; if it fails again, the files of the table are damaged or gone.',
      { cause: error },
    );
  }
  return new GatewayError('caller_sql_failed', concealed(translated(error.message)));
}

function translated(message: string): string {
  for (const [pattern, text] of translations) {
    const match = message.match(pattern);
    if (match) return text(match);
  }
  return message
    .split(/\n\s*\n?(?:LINE \d+:|Candidate |Did you mean|You might)/)[0]!
    .replace(
      /^(?:Binder|Catalog|Parser|Conversion|Invalid Input|Not implemented|Out of Range|Invalid type|Syntax) Error:\s*/i,
      '',
    )
    .trim();
}

function unresolved(name: string): string {
  return `[UNRESOLVED_COLUMN.WITHOUT_SUGGESTION] A column or field named "${name}" cannot be resolved.`;
}

/** Hides what a message of DuckDB may still have of ours. */
export function concealed(message: string): string {
  return message
    .replaceAll(/(?:"?memory"?\.)?(?:"?held"?\.)?"?relation_\d+_\d+(?:_all)?"?/g, 'table')
    .replaceAll('dbx_', '')
    .replaceAll(/(?:file:\/\/)?(?:\/[\w.@%+=-]+){2,}/g, '…');
}
