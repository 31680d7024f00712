import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { Agent, fetch } from 'undici';
import { AddressPolicy } from './address-policy.ts';

/** Milliseconds a TCP and TLS handshake may take. */
const CONNECT_TIMEOUT_MS = 5_000;
/** Milliseconds without a byte of an answer. */
const ANSWER_TIMEOUT_MS = 10_000;
/** Bytes of an answer. */
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;

export interface GuardedFetchOptions {
  /** CIDR blocks that are allowed although private. */
  readonly allowedPrivateNetworks: readonly string[];
  /** PEM certificates to trust beside the well-known ones. */
  readonly certificates?: string | undefined;
}

interface RequestOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * `fetch` for small exchanges with servers that somebody else has named: identity providers, webhooks. Only addresses that the
 * policy allows, redirects never followed, answers bounded in time and size.
 */
export function guardedFetch(
  options: GuardedFetchOptions,
): (url: string, request: RequestOptions) => Promise<Response> {
  const policy = new AddressPolicy(options.allowedPrivateNetworks);
  const agent = new Agent({
    maxResponseSize: MAX_ANSWER_BYTES,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    keepAliveTimeout: 4_000,
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      lookup: policy.lookup as unknown as LookupFunction,
      ...(options.certificates === undefined ? {} : { ca: [...rootCertificates, options.certificates] }),
    },
  });
  return async (url, request) => {
    policy.checkHost(new URL(url).hostname);
    const init = { ...request, redirect: 'manual', dispatcher: agent } as Parameters<typeof fetch>[1];
    return (await fetch(url, init)) as unknown as Response;
  };
}
