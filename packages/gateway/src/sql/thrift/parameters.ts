import { GatewayError } from '../../errors/gateway-error.ts';
import type { StatementParameter } from '../statement.ts';
import { nameMarkers } from './positional-markers.ts';
import type { ThriftStruct } from './thrift-struct.ts';

/** A statement whose parameters all have names. */
export interface BoundStatement {
  readonly sql: string;
  readonly parameters: readonly StatementParameter[];
}

const POSITIONAL_PREFIX = 'positional_';

/**
 * Reads TSparkParameters. Positional ones are given names, and the `?` markers of the statement too.
 * @throws GatewayError `caller_invalid_parameter` for what cannot be bound.
 */
export function bindParameters(sql: string, given: readonly ThriftStruct[]): BoundStatement {
  if (given.length === 0) return { sql, parameters: [] };
  const positional = given.filter((parameter) => !parameter.text(2));
  if (positional.length === 0) return { sql, parameters: given.map((one) => toParameter(one, one.text(2)!)) };
  if (positional.length < given.length) throw invalid('Named and positional parameters cannot be mixed.');
  const named = nameMarkers(sql, (number) => `${POSITIONAL_PREFIX}${number}`);
  if (named.count !== given.length) {
    throw invalid(`The statement has ${named.count} parameter markers, but ${given.length} values were given.`);
  }
  return { sql: named.sql, parameters: given.map((one, at) => toParameter(one, `${POSITIONAL_PREFIX}${at + 1}`)) };
}

function toParameter(given: ThriftStruct, name: string): StatementParameter {
  if (given.structs(5).length > 0) throw invalid(`The parameter '${name}' is an array, map or struct; pass its parts.`);
  const value = given.struct(4);
  const text = value?.text(1) ?? value?.number(2)?.toString() ?? value?.bool(3)?.toString() ?? null;
  const type = given.text(3);
  return { name, value: text, ...(type === undefined || type === 'VOID' ? {} : { type }) };
}

function invalid(message: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', message);
}
