import { once } from 'node:events';
import { request, type ClientRequest, type IncomingMessage } from 'node:http';
import { createGzip } from 'node:zlib';
import { readAnswer } from './otlp.ts';

/** A POST to the path of logs whose body is still to be written. */
export function openExport(
  { url, token }: { readonly url: string; readonly token: string },
  table: string,
  headers: Readonly<Record<string, string>>,
): ClientRequest {
  const outgoing = request(`${url}/api/2.0/otel/v1/logs`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/x-protobuf',
      'x-databricks-uc-table-name': table,
      ...headers,
    },
  });
  outgoing.on('error', () => {});
  return outgoing;
}

/** Reads an answer to its end. */
export async function answerOf(response: IncomingMessage): Promise<{ status: number; message: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const status = response.statusCode ?? 0;
  return {
    status,
    message: readAnswer(status, String(response.headers['content-type']), Buffer.concat(chunks)).message,
  };
}

/** So many MiB of zeros, compressed as a stream. */
export async function zeros(mebibytes: number): Promise<Buffer> {
  const gzip = createGzip();
  const chunks: Buffer[] = [];
  gzip.on('data', (chunk: Buffer) => chunks.push(chunk));
  const part = Buffer.alloc(1024 * 1024);
  for (let n = 0; n < mebibytes; n++) if (!gzip.write(part)) await once(gzip, 'drain');
  gzip.end();
  await once(gzip, 'end');
  return Buffer.concat(chunks);
}
