import { syntaxError } from './syntax-error.ts';
import { is, type Token } from './tokens.ts';
import { words } from '../words.ts';

/** `VERSION AS OF 3`, `TIMESTAMP AS OF expression`, or `@v3` after a table's name. */
export interface TravelClause {
  /** First token after the clause. */
  readonly next: number;
  readonly kind: 'version' | 'timestamp';
  /** Number of the version, or the expression as written. */
  readonly text: string;
}

/** Ends a table reference, so it ends the expression of `TIMESTAMP AS OF` too. */
const ENDS = words(`
    WHERE GROUP HAVING ORDER SORT CLUSTER DISTRIBUTE LIMIT OFFSET QUALIFY WINDOW AS ON USING JOIN INNER LEFT
    RIGHT FULL CROSS NATURAL SEMI ANTI LATERAL PIVOT UNPIVOT TABLESAMPLE UNION INTERSECT EXCEPT MINUS , ;
  `);

/** Reads a clause that begins at token `index`, right after the last part of a name. */
export function readTravel(sql: string, tokens: readonly Token[], index: number): TravelClause | undefined {
  return readAtSign(sql, tokens, index) ?? readAsOf(sql, tokens, index);
}

function readAtSign(sql: string, tokens: readonly Token[], index: number): TravelClause | undefined {
  const sign = tokens[index];
  if (!is(sign, '@') || tokens[index - 1]?.end !== sign!.start) return undefined;
  const version = /^[vV](\d{1,15})$/.exec(tokens[index + 1]?.text ?? '')?.[1];
  if (version !== undefined) return { next: index + 2, kind: 'version', text: version };
  const stamp = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/.exec(tokens[index + 1]?.text ?? '');
  if (!stamp) throw syntaxError(sql, sign!.start, "expected '@v' and a version, or '@' and yyyyMMddHHmmssSSS");
  const [, year, month, day, hour, minute, second, millis] = stamp;
  return {
    next: index + 2,
    kind: 'timestamp',
    text: `'${year}-${month}-${day} ${hour}:${minute}:${second}.${millis}'`,
  };
}

function readAsOf(sql: string, tokens: readonly Token[], index: number): TravelClause | undefined {
  const at = is(tokens[index], 'FOR') ? index + 1 : index;
  const unit = tokens[at];
  if (!is(unit, 'VERSION', 'TIMESTAMP', 'SYSTEM_VERSION', 'SYSTEM_TIME')) return undefined;
  if (!is(tokens[at + 1], 'AS') || !is(tokens[at + 2], 'OF')) return undefined;
  const first = tokens[at + 3];
  if (is(unit, 'VERSION', 'SYSTEM_VERSION')) {
    if (first === undefined || !/^\d{1,15}$/.test(first.text))
      throw syntaxError(sql, first?.start ?? sql.length, 'expected a version number');
    return { next: at + 4, kind: 'version', text: first.text };
  }
  const next = endOfExpression(tokens, at + 3);
  if (next === at + 3) throw syntaxError(sql, first?.start ?? sql.length, 'expected a timestamp');
  return { next, kind: 'timestamp', text: sql.slice(first!.start, tokens[next - 1]!.end) };
}

/** A literal, or calls and intervals joined by `+` and `-`. A name that follows an operand is the table's alias. */
function endOfExpression(tokens: readonly Token[], from: number): number {
  let depth = 0;
  let operand = false;
  for (let at = from; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    if (depth === 0 && is(token, ...ENDS, ')')) return at;
    if (is(token, '(')) depth += 1;
    if (is(token, ')')) depth -= 1;
    if (depth > 0) continue;
    const prefix = is(token, 'INTERVAL', 'TIMESTAMP', 'DATE', '+', '-') || is(tokens[at + 1], '(');
    if (token.kind === 'word' && operand && !inInterval(tokens, at)) return at;
    if (token.kind === 'quoted' && operand) return at;
    operand = !prefix;
  }
  return tokens.length;
}

/** The unit after `INTERVAL 3`. */
function inInterval(tokens: readonly Token[], at: number): boolean {
  return is(tokens[at - 2], 'INTERVAL') && tokens[at - 1]!.kind !== 'word';
}
