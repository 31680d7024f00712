import { plainErrors, type ErrorCodec } from '../lib/child/child-channel.ts';
import type { ErrorCode } from './catalogue.ts';
import { GatewayError, type GatewayErrorOptions } from './gateway-error.ts';

interface GatewayErrorData {
  readonly code: ErrorCode;
  readonly options: Omit<GatewayErrorOptions, 'cause'>;
}

/** Lets GatewayErrors cross process borders as what they are. */
export const gatewayErrors: ErrorCodec = {
  flatten(error) {
    const flat = plainErrors.flatten(error);
    if (!(error instanceof GatewayError)) return flat;
    const { code, status, param, retryAfterSeconds } = error;
    const options = {
      status,
      ...(param === undefined ? {} : { param }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    };
    return { ...flat, data: { code, options } satisfies GatewayErrorData };
  },
  revive(flat) {
    if (flat.name !== 'GatewayError' || flat.data === undefined) return plainErrors.revive(flat);
    const { code, options } = flat.data as GatewayErrorData;
    return new GatewayError(code, flat.message, options);
  },
};
