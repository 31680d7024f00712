import { isIP } from 'node:net';
import type { ModelProviderService } from '../../config/gateway-config.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { asRecord } from '../../lib/json-value.ts';
import { AddressPolicy, isMetadataAddress } from '../../upstream/address-policy.ts';

/** Names of cloud metadata services. */
const METADATA_HOSTS = new Set(['metadata', 'metadata.google.internal', 'instance-data', 'instance-data.ec2.internal']);

/**
 * Refuses the address of a provider service that is made by API, where the gateway would not call it anyway: a literal
 * address in a private network that is not allowed, a cloud's metadata service, plain http beyond allowed networks. Names
 * are looked at again when they are connected to, since what they stand for may change.
 * @throws GatewayError `caller_invalid_parameter`
 */
export function checkProviderAddress(
  { options }: Pick<ModelProviderService, 'options'>,
  allowedPrivateNetworks: readonly string[],
): void {
  for (const [key, value] of Object.entries(asRecord(options) ?? {})) {
    if (typeof value === 'string' && (key === 'base_url' || key === 'host')) check(key, value, allowedPrivateNetworks);
  }
}

function check(key: string, text: string, allowed: readonly string[]): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw refused(key, 'must begin with https://');
  if (url.username !== '' || url.password !== '') throw refused(key, 'must not hold a user name or password');
  const host = url.hostname
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
  if (METADATA_HOSTS.has(host) || (isIP(host) && isMetadataAddress(host))) {
    throw refused(key, 'is the address of a metadata service');
  }
  const policy = new AddressPolicy(allowed);
  if (isIP(host) && !policy.allows(host)) {
    throw refused(key, 'is in a private network that server.allowed_private_networks does not have');
  }
  if (url.protocol === 'https:') return;
  if (isIP(host) ? new AddressPolicy([]).allows(host) : allowed.length === 0) {
    throw refused(key, 'must begin with https://, unless it is in an allowed private network');
  }
}

function refused(key: string, what: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', `The field 'config.${key}' ${what}.`, { param: `config.${key}` });
}
