import { GatewayError } from '../../errors/gateway-error.ts';
import { sqlState } from '../sql-state.ts';
import { StatusCode } from './tcli-constants.ts';
import { i32, list, struct, text, type Written } from './write-message.ts';

/** A TStatus without complaint. */
export const success: Written = struct({ 1: i32(StatusCode.SUCCESS) });

/** A TStatus of something that worked, with a note for the caller. */
export function successWithInfo(message: string): Written {
  return struct({ 1: i32(StatusCode.SUCCESS_WITH_INFO), 2: list([text(message)]) });
}

/** The TStatus of an error (workspace-contract 8.2). */
export function errorStatus(error: GatewayError): Written {
  return struct({
    1: i32(error instanceof InvalidHandle ? StatusCode.INVALID_HANDLE : StatusCode.ERROR),
    3: text(sqlState(error)),
    5: text(error.message),
    6: text(error.message),
  });
}

/** The session or operation is not there, or not the caller's. */
export class InvalidHandle extends GatewayError {
  constructor(kind: 'session' | 'operation') {
    super('caller_not_found', `The ${kind} does not exist. It was closed, or it has expired.`);
  }
}
