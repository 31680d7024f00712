import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { GatewayError } from '../../errors/gateway-error.ts';

/** Library codes that mean that the provider could not be asked, rather than that it answered wrongly. */
const UNREACHABLE = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT']);

/** The sign-in is unknown, used already, too old, or of another browser. Which of them is not said. */
export function expired(): GatewayError {
  return new GatewayError(
    'caller_sign_in_expired',
    'This sign-in is no longer open: it was used already, took longer than ten minutes, or began in another browser. Start it again.',
  );
}

/** The person may not sign in. `why` is a sentence for them. */
export function refused(why: string): GatewayError {
  return new GatewayError('policy_sign_in_refused', why);
}

/**
 * What went wrong with the provider, as an error for the page; what is not the provider's fault stays as it is. The cause
 * keeps the library's code and message for the log; tokens, claims and the provider's texts are in neither.
 */
export function providerFault(providerName: string, error: unknown): unknown {
  if (!isOfProvider(error)) return error;
  const cause = new Error(describe(error));
  if (error instanceof AuthorizationResponseError) return answeredError(providerName, error.error, cause);
  if (isAddressRefused(error)) {
    return new GatewayError(
      'provider_sign_in_unavailable',
      `${providerName} is at an address that the gateway may not connect to. An administrator can allow its network: allowed_private_networks.`,
      { cause },
    );
  }
  if (isUnreachable(error)) {
    return new GatewayError(
      'provider_sign_in_unavailable',
      `${providerName} cannot be reached at the moment, so nobody can sign in through it. Try again in a minute.`,
      { cause },
    );
  }
  return untrusted(providerName, cause);
}

/** The provider's answer is not what it must be. `cause` is for the log. */
export function untrusted(providerName: string, cause: Error): GatewayError {
  return new GatewayError(
    'provider_sign_in_failed',
    `${providerName} gave an answer that cannot be trusted, so you are not signed in. Start again; if it stays, an administrator finds the reason in the log.`,
    { cause },
  );
}

function isOfProvider(error: unknown): boolean {
  return (
    error instanceof ClientError ||
    error instanceof AuthorizationResponseError ||
    error instanceof ResponseBodyError ||
    error instanceof WWWAuthenticateChallengeError ||
    error instanceof TypeError
  );
}

/** The address policy said no, below the library and `fetch`. */
function isAddressRefused(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof GatewayError && at.code === 'policy_address_refused') return true;
  }
  return false;
}

/** The authorization response is an error (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6). */
function answeredError(providerName: string, code: string, cause: Error): GatewayError {
  if (code === 'access_denied') {
    return new GatewayError(
      'caller_sign_in_cancelled',
      `The sign-in at ${providerName} was cancelled or refused there.`,
      {
        cause,
      },
    );
  }
  if (code === 'temporarily_unavailable' || code === 'server_error') {
    return new GatewayError(
      'provider_sign_in_unavailable',
      `${providerName} has a problem at the moment, so nobody can sign in through it. Try again in a minute.`,
      { cause },
    );
  }
  return new GatewayError('provider_sign_in_failed', `${providerName} refused the sign-in. Start again.`, { cause });
}

function isUnreachable(error: unknown): boolean {
  if (error instanceof ResponseBodyError || error instanceof WWWAuthenticateChallengeError) return error.status >= 500;
  if (error instanceof ClientError) {
    if (error.code === 'OAUTH_RESPONSE_IS_NOT_CONFORM')
      return error.cause instanceof Response && error.cause.status >= 500;
    // Without a code it wraps what fetch threw.
    return error.code === undefined || UNREACHABLE.has(error.code);
  }
  // fetch rejects with `TypeError: fetch failed` and the system's error as its cause.
  return error instanceof TypeError && error.cause !== undefined;
}

/** Code and message of the library and of what it wraps; no values of claims or parameters. */
function describe(error: unknown): string {
  if (error instanceof AuthorizationResponseError) return `the provider answered ${printable(error.error)}`;
  if (error instanceof ResponseBodyError) return `the provider answered ${error.status} ${printable(error.error)}`;
  if (!(error instanceof Error)) return 'unknown';
  const { code } = error as { readonly code?: unknown };
  const inner = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${typeof code === 'string' ? `${code}: ` : ''}${error.message}${inner}`;
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}
