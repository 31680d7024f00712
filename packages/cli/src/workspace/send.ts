import type { OutgoingHttpHeaders } from 'node:http';
import { asObject, asText, parseObject } from '../lib/json-object.ts';
import { printable } from '../lib/printable.ts';
import { systemCode } from '../lib/system-error.ts';
import type { Transport } from '../platform/transport.ts';
import { WorkspaceError } from './client.ts';

const NOT_A_GATEWAY = 'Check the address: it should be that of the gateway, without a path.';

/** Longest answer that is read. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export interface Sent {
  readonly url: URL;
  readonly method: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | undefined;
  readonly timeoutMs: number;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Where a redirection leads. None is followed: a token must not go anywhere but to the gateway. */
  readonly location: string | undefined;
  readonly requestId: string | undefined;
  /** When it was answered by the other side's clock, ms since 1970. */
  readonly date: number | undefined;
}

/** Sends one request and reads its answer. @throws WorkspaceError where there is none. */
export function send(transport: Transport, { url, method, headers, body, timeoutMs }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(unanswered(url, error));
    let request;
    try {
      request = transport.open({ url, method, headers });
    } catch (error) {
      return fail(error);
    }
    const timer = setTimeout(() => {
      request.destroy();
      reject(
        new WorkspaceError('timeout', `${url.origin} did not answer within ${timeoutMs / 1000} s.`, {
          cure: 'Check the address and your network, or try again.',
        }),
      );
    }, timeoutMs);
    request.on('error', fail);
    request.once('close', () => clearTimeout(timer));
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > MAX_ANSWER_BYTES) return void response.destroy(new Error('it is too long'));
        chunks.push(chunk);
      });
      response.on('error', (error: Error) => reject(brokenOff(url, error)));
      response.once('end', () => {
        const { 'x-request-id': id, location } = response.headers;
        resolve({
          status: response.statusCode ?? 0,
          location,
          body: Buffer.concat(chunks).toString('utf8'),
          date: Date.parse(response.headers.date ?? '') || undefined,
          requestId: typeof id === 'string' ? printable(id, 100) : undefined,
        });
      });
    });
    request.end(body);
  });
}

/** The JSON object of a 2xx answer. @throws WorkspaceError for every other answer. */
export function objectOf(url: URL, answer: Answer): Record<string, unknown> {
  const object = parseObject(answer.body);
  if (answer.status >= 200 && answer.status < 300) {
    if (object) return object;
    if (answer.body.trim() === '') return {};
    throw new WorkspaceError(
      'not-a-gateway',
      `${url.origin} does not answer like a gateway (no JSON at ${url.pathname}).`,
      {
        status: answer.status,
        cure: NOT_A_GATEWAY,
      },
    );
  }
  const elsewhere = answer.status >= 300 && answer.status < 400 && originOf(answer.location, url);
  if (elsewhere) {
    throw new WorkspaceError('not-a-gateway', `${url.origin} sends on to ${elsewhere}, which is not followed.`, {
      status: answer.status,
      cure: `If that is your gateway, use its address: ucode login ${elsewhere}`,
    });
  }
  throw refusal(url, answer, object);
}

/** The origin that a redirection leads to, unless it is the same. */
function originOf(location: string | undefined, from: URL): string | undefined {
  if (location === undefined || !URL.canParse(location, from.href)) return undefined;
  const { origin } = new URL(location, from);
  return origin === from.origin || origin === 'null' ? undefined : origin;
}

function refusal(
  url: URL,
  { status, body, requestId }: Answer,
  object: Record<string, unknown> | undefined,
): WorkspaceError {
  if (object === undefined && status < 500 && status !== 401) {
    return new WorkspaceError(
      'not-a-gateway',
      `${url.origin} does not answer like a gateway (${status} to ${url.pathname}).`,
      { status, cure: NOT_A_GATEWAY },
    );
  }
  const code =
    asText(object?.['error_code']) ?? asText(object?.['error']) ?? asText(asObject(object?.['error'])?.['code']);
  const text =
    asText(object?.['message']) ??
    asText(object?.['error_description']) ??
    asText(object?.['detail']) ??
    asText(asObject(object?.['error'])?.['message']);
  const invalidToken = status === 400 && /invalid token/i.test(body);
  const kind =
    status === 401 || invalidToken
      ? 'unauthenticated'
      : status === 403
        ? 'forbidden'
        : status === 404
          ? 'not-found'
          : status >= 500
            ? 'failed'
            : 'refused';
  const said =
    text === undefined
      ? `${url.origin} answered ${status} to ${url.pathname}.`
      : printable(text.replace(/\s+/g, ' ').trim());
  return new WorkspaceError(kind, said, {
    status,
    ...(code === undefined ? {} : { code: printable(code, 100) }),
    ...(requestId === undefined ? {} : { requestId }),
  });
}

const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function unanswered(url: URL, error: unknown): WorkspaceError {
  if (error instanceof WorkspaceError) return error;
  const code = systemCode(error) ?? '';
  if (UNTRUSTED.has(code)) {
    return new WorkspaceError(
      'tls',
      `The certificate of ${url.host} is from an authority that this machine does not know (${code}).`,
      {
        cause: error,
        cure: "Save your company's CA certificate as a PEM file and set both NODE_EXTRA_CA_CERTS and SSL_CERT_FILE to its path.",
      },
    );
  }
  if (code.startsWith('CERT_') || code.startsWith('ERR_TLS') || code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return new WorkspaceError('tls', `No secure connection to ${url.host}: ${tlsProblem(code, error)}.`, {
      cause: error,
      cure: PLAIN.has(code)
        ? `If the gateway really has no encryption, write so: http://${url.host}`
        : 'Check the address, and the clock of this machine.',
    });
  }
  return new WorkspaceError('unreachable', `${url.origin} cannot be reached: ${problemOf(error)}.`, {
    cause: error,
    cure: 'Check the address, that the gateway runs, and HTTPS_PROXY and NO_PROXY if you are behind a proxy.',
  });
}

function brokenOff(url: URL, error: Error): WorkspaceError {
  const why = error.message === 'aborted' ? '' : ` (${printable(error.message, 200)})`;
  return new WorkspaceError('unreachable', `${url.origin} broke off its answer${why}.`, {
    cause: error,
    cure: 'Try again; if it happens again, look at the log of the gateway and of any proxy before it.',
  });
}

/** Codes of a server that does not speak TLS at all. */
const PLAIN = new Set(['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG']);

function tlsProblem(code: string, error: unknown): string {
  if (PLAIN.has(code)) return 'it does not speak TLS';
  if (code === 'CERT_HAS_EXPIRED') return 'its certificate has expired';
  if (code === 'CERT_NOT_YET_VALID') return 'its certificate is not valid yet';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return 'its certificate is for another name';
  return problemOf(error);
}

function problemOf(error: unknown): string {
  const code = systemCode(error);
  const known = code && problems[code];
  if (known) return known;
  const text = error instanceof Error ? error.message : String(error);
  // A host with several addresses gives one error for all of them, without a message.
  return printable(text === '' ? (code ?? 'unknown error') : text, 200);
}

const problems: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ENOTFOUND: 'there is no such host name (ENOTFOUND)',
  EAI_AGAIN: 'the host name cannot be looked up now (EAI_AGAIN)',
  ECONNRESET: 'the connection was closed before an answer; is it https? (ECONNRESET)',
  ETIMEDOUT: 'the connection was not answered (ETIMEDOUT)',
  EHOSTUNREACH: 'there is no way to the host (EHOSTUNREACH)',
  ENETUNREACH: 'there is no network (ENETUNREACH)',
};
