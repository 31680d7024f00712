import { GatewayError } from '../../errors/gateway-error.ts';
import { DEFAULT_NAMES } from '../../unity/catalog.ts';
import type { Method } from './call.ts';
import { success } from './status.ts';
import { PROTOCOL_V2, PROTOCOL_V8 } from './tcli-constants.ts';
import { binary, bool, i16, i32, i64, struct, text, textMap, type Written } from './write-message.ts';

const LONGEST_NAME = 255;

/** TGetInfoType and what is answered. Clients choose their SQL by the name of the product, so it is Spark's. */
const infos: Readonly<Record<number, Written>> = {
  0: struct({ 2: i16(0) }),
  13: struct({ 1: text('ucode-gateway') }),
  14: struct({ 1: text('\\') }),
  17: struct({ 1: text('Spark SQL') }),
  18: struct({ 1: text('3.5.0') }),
  25: struct({ 1: text('N') }),
  29: struct({ 1: text('`') }),
  30: struct({ 6: i64(LONGEST_NAME) }),
  32: struct({ 6: i64(LONGEST_NAME) }),
  34: struct({ 6: i64(LONGEST_NAME) }),
  35: struct({ 6: i64(LONGEST_NAME) }),
  46: struct({ 2: i16(0) }),
  10003: struct({ 1: text('Y') }),
  10005: struct({ 6: i64(LONGEST_NAME) }),
};

/** OpenSession. Session configuration is accepted and has no effect. */
export const openSession: Method = (request, { caller, sessions }) => {
  const asked = request.long(1282) ?? request.number(1) ?? 0;
  const version = Math.min(Math.max(asked, PROTOCOL_V2), PROTOCOL_V8);
  const namespace = request.struct(1284);
  const defaults = {
    catalog: namespace?.text(1) || DEFAULT_NAMES.catalog,
    schema: namespace?.text(2) || DEFAULT_NAMES.schema,
  };
  const { identifier } = sessions.open(caller, defaults);
  const handle = struct({
    1: struct({ 1: binary(identifier.guid), 2: binary(identifier.secret) }),
    3329: i32(version),
  });
  return struct({
    1: success,
    2: i32(version),
    3: handle,
    4: textMap([]),
    1284: struct({ 1: text(defaults.catalog), 2: text(defaults.schema) }),
    1285: bool(true),
  });
};

export const closeSession: Method = (request, { caller, sessions }) => {
  sessions.closeSession(sessions.session(request.struct(1), caller));
  return struct({ 1: success });
};

export const getInfo: Method = (request, { caller, sessions }) => {
  sessions.session(request.struct(1), caller);
  const type = request.number(2) ?? -1;
  const value = infos[type];
  if (!value) throw new GatewayError('caller_invalid_parameter', `There is no information of type ${type}.`);
  return struct({ 1: success, 2: value });
};
