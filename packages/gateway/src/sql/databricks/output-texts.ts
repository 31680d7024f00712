import { is, type Token } from './tokens.ts';

const ENDS = [
  'FROM',
  'WHERE',
  'GROUP',
  'HAVING',
  'ORDER',
  'LIMIT',
  'QUALIFY',
  'WINDOW',
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'MINUS',
  'LATERAL',
];

/**
 * The expressions in the select list of a query, those of the first SELECT outside any bracket, as written
 * but with single spaces. Databricks names a column without an alias after its expression.
 */
export function outputTexts(sql: string, tokens: readonly Token[]): string[] {
  const outputs: string[] = [];
  let depth = 0;
  let first: Token | undefined;
  let last: Token | undefined;
  let inside = false;
  const finish = (): void => {
    if (first && last) outputs.push(outputText(sql.slice(first.start, last.end)));
    first = undefined;
  };
  for (const token of tokens) {
    if (depth === 0 && !inside) {
      inside = is(token, 'SELECT');
    } else if (depth === 0 && is(token, ...ENDS)) {
      break;
    } else if (inside && depth === 0 && is(token, ',')) {
      finish();
      continue;
    } else if (inside && !(first === undefined && is(token, 'DISTINCT', 'ALL'))) {
      first ??= token;
      last = token;
    }
    if (is(token, '(', '[', '{')) depth += 1;
    if (is(token, ')', ']', '}')) depth -= 1;
  }
  finish();
  return outputs;
}

function outputText(text: string): string {
  const plain = text.replaceAll(/\s+/g, ' ').trim();
  if (/^'[^'\\]*'$/.test(plain)) return plain.slice(1, -1);
  return plain.replace(/^count\s*\(\s*\*\s*\)$/i, 'count(1)');
}
