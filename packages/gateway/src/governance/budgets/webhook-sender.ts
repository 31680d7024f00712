import { createHmac } from 'node:crypto';
import { request as httpRequest, type ClientRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Which addresses may be connected to (`upstream/address-policy.ts`). */
export interface ReachableAddresses {
  /** @throws where a literal address is not allowed. */
  checkHost(hostname: string): void;
  /** `dns.lookup` that fails for addresses that are not allowed. */
  readonly lookup: NonNullable<RequestOptions['lookup']>;
}

export interface WebhookDelivery {
  readonly url: string;
  /** Signs the body. */
  readonly secret: string;
  /** JSON. */
  readonly body: string;
  /** The same for every try. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Longest time from the connection to the end of the answer, milliseconds. */
  readonly timeoutMs: number;
}

/**
 * POSTs an alert. `x-ucode-signature` is `t=SECONDS,v1=HEX`: HMAC-SHA256 over `SECONDS.BODY`, so that what was caught
 * on the way cannot be sent again much later. Redirects are not followed, and the answer's body is not kept.
 * @throws Error saying what went wrong, without the secret; any status but 2xx is a failure.
 */
export async function sendWebhook(delivery: WebhookDelivery, addresses: ReachableAddresses): Promise<void> {
  const url = new URL(delivery.url);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error('Only http and https are supported.');
  addresses.checkHost(url.hostname);
  const body = Buffer.from(delivery.body);
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    lookup: addresses.lookup,
    headers: {
      'content-type': 'application/json',
      'content-length': body.length,
      'user-agent': 'ucode-gateway',
      'x-ucode-delivery': delivery.id,
      'x-ucode-signature': signatureOf(delivery),
    },
  };
  const status = await statusOf(
    url.protocol === 'https:' ? httpsRequest(url, options) : httpRequest(url, options),
    body,
    delivery.timeoutMs,
  );
  if (status < 200 || status > 299) throw new Error(`The webhook answered with status ${status}.`);
}

/** `t=1764000000,v1=…`. */
export function signatureOf({ secret, body, at }: Pick<WebhookDelivery, 'secret' | 'body' | 'at'>): string {
  const seconds = Math.floor(at / 1000);
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

function statusOf(request: ClientRequest, body: Buffer, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => request.destroy(new Error(`No answer in ${timeoutMs} ms.`)), timeoutMs);
    request.on('error', reject);
    request.on('close', () => {
      clearTimeout(timer);
      reject(new Error('The connection closed without an answer.'));
    });
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      // The status says everything; a body without end is not waited for.
      response.on('error', () => {});
      response.destroy();
    });
    request.end(body);
  });
}
