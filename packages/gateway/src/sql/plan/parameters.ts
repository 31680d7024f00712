import { GatewayError } from '../../errors/gateway-error.ts';
import { cast, textConstant, type TreeNode } from '../duckdb/syntax-tree.ts';
import type { StatementParameter } from '../statement.ts';

const types: Readonly<Record<string, string>> = {
  BIGINT: 'BIGINT',
  LONG: 'BIGINT',
  INT: 'INTEGER',
  INTEGER: 'INTEGER',
  SMALLINT: 'SMALLINT',
  SHORT: 'SMALLINT',
  TINYINT: 'TINYINT',
  BYTE: 'TINYINT',
  DOUBLE: 'DOUBLE',
  FLOAT: 'FLOAT',
  REAL: 'FLOAT',
  BOOLEAN: 'BOOLEAN',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP WITH TIME ZONE',
  TIMESTAMP_LTZ: 'TIMESTAMP WITH TIME ZONE',
  TIMESTAMP_NTZ: 'TIMESTAMP',
};

/**
 * The value of a parameter marker as a constant of its type. It is put into the syntax tree, never into text.
 * @throws GatewayError `caller_sql_failed` for a marker without a value, `caller_invalid_parameter` for an unknown type
 *   and for text with a NUL character.
 */
export function parameterValue(name: string | undefined, given: readonly StatementParameter[]): TreeNode {
  const parameter = given.find((candidate) => candidate.name === name);
  if (!parameter)
    throw new GatewayError('caller_sql_failed', `[UNBOUND_SQL_PARAMETER] The parameter :${name ?? '?'} has no value.`);
  // The engine would cut the text off there.
  if (parameter.value?.includes('\0'))
    throw new GatewayError(
      'caller_invalid_parameter',
      `The value of the parameter ${parameter.name} has a NUL character, which is not offered.`,
    );
  const type = (parameter.type ?? 'STRING').trim().toUpperCase().replaceAll(' ', '');
  const constant = textConstant(parameter.value);
  if (type === 'VOID') return textConstant(null);
  if (type === 'STRING' || type.startsWith('VARCHAR(') || type.startsWith('CHAR('))
    return parameter.value === null ? cast(constant, 'VARCHAR') : constant;
  return cast(constant, duckType(type, parameter));
}

function duckType(type: string, parameter: StatementParameter): string {
  const decimal = /^(?:DECIMAL|DEC|NUMERIC)(?:\((\d+)(?:,(\d+))?\))?$/.exec(type);
  if (decimal) return decimalType(Number(decimal[1] ?? 10), Number(decimal[2] ?? 0), parameter);
  const known = types[type];
  if (known !== undefined) return known;
  throw new GatewayError(
    'caller_invalid_parameter',
    `The parameter ${parameter.name} has the type ${String(parameter.type)}, which is not offered.`,
  );
}

function decimalType(precision: number, scale: number, parameter: StatementParameter): string {
  if (precision >= 1 && precision <= 38 && scale <= precision) return `DECIMAL(${precision},${scale})`;
  throw new GatewayError(
    'caller_invalid_parameter',
    `The parameter ${parameter.name} has a DECIMAL type with more than 38 digits.`,
  );
}
