import { isIP } from 'node:net';
import type { ModelProviderService } from '../../config/gateway-config.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import { asRecord } from '../../lib/json-value.ts';
import { AddressPolicy } from '../../upstream/address-policy.ts';

/** Where clouds keep the credentials of their machines; never a provider, whatever the configuration allows. */
const METADATA_HOSTS = new Set(['metadata', 'metadata.google.internal', 'instance-data', 'instance-data.ec2.internal']);
const METADATA_ADDRESSES = ['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::254', '100.100.100.200', '192.0.0.192'];

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
  if (METADATA_HOSTS.has(host) || (isIP(host) && isMetadata(host))) {
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

/** A policy that allows nothing private but these refuses whatever else is private: the opposite of what is asked. */
function isMetadata(host: string): boolean {
  return !new AddressPolicy([]).allows(host) && new AddressPolicy(METADATA_ADDRESSES).allows(host);
}

function refused(key: string, what: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', `The field 'config.${key}' ${what}.`, { param: `config.${key}` });
}
