import { GatewayError } from '../errors/gateway-error.ts';
import { shown } from './names.ts';

/**
 * The name of a user, group or service principal, as it is stored. Whether there is one of that name is
 * not asked: grants may be made before the user first appears.
 * @throws GatewayError `caller_invalid_parameter`
 */
export function checkPrincipal(name: string): string {
  const trimmed = name.trim();
  if (trimmed !== '' && trimmed.length <= 255 && !/\p{Cc}/u.test(trimmed)) return trimmed;
  throw new GatewayError('caller_invalid_parameter', `${shown(name)} cannot be the name of a user or group.`, {
    param: 'principal',
  });
}
