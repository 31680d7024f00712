import { request, type IncomingHttpHeaders } from 'node:http';

/** What goes out. `token` becomes `authorization: Bearer`; `body` is sent as it is. */
export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly token?: string;
  readonly body?: string | Buffer;
}

export interface CallResult {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON; throws with the body in the message when it is none. */
  json(): any;
}

/** One whole HTTP exchange over a connection of its own, bytes kept as they came. */
export function call(url: string, options: CallOptions = {}): Promise<CallResult> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: methodOf(options), headers: headersOf(options), agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            text: bytes.toString('utf8'),
            json: () => parse(bytes.toString('utf8'), response.statusCode),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

/** The method that stands, else POST with a body and GET without. */
export function methodOf(options: CallOptions): string {
  return options.method ?? (options.body === undefined ? 'GET' : 'POST');
}

/** Headers with the token and, where a body is sent, its type and length. */
export function headersOf(options: CallOptions): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`;
  if (options.body !== undefined) {
    headers['content-type'] = 'application/json';
    headers['content-length'] = String(Buffer.byteLength(options.body));
  }
  return { ...headers, ...options.headers };
}

function parse(text: string, status: number | undefined): any {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`Not JSON (status ${status}): ${text.slice(0, 500)}`);
  }
}
