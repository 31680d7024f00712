import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../errors/gateway-error.ts';

/**
 * Reads a request body whole, since a retry or a fallback must be able to send it again.
 * @param maxBytes larger bodies are refused as soon as that is known.
 * @param timeoutMs milliseconds the caller may be silent.
 * @throws GatewayError `caller_body_too_large`, `caller_body_encoding`, `caller_timeout`, `caller_disconnected`
 */
export function readBody(request: IncomingMessage, maxBytes: number, timeoutMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== '' && encoding !== 'identity') {
      return reject(
        new GatewayError(
          'caller_body_encoding',
          `The content-encoding '${encoding.slice(0, 40)}' is not accepted on request bodies. Send the body plain.`,
        ),
      );
    }
    const tooLarge = (): GatewayError =>
      new GatewayError('caller_body_too_large', `The request body is larger than ${maxBytes} bytes.`);
    const declared = Number(request.headers['content-length']);
    if (declared > maxBytes) return reject(tooLarge());
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (error: GatewayError): void => {
      clearTimeout(timer);
      request.removeAllListeners('data');
      request.pause();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new GatewayError('caller_timeout', 'The request body did not arrive in time.')),
      timeoutMs,
    );
    request.on('data', (chunk: Buffer) => {
      timer.refresh();
      size += chunk.length;
      if (size > maxBytes) return fail(tooLarge());
      chunks.push(chunk);
    });
    request.on('end', () => {
      clearTimeout(timer);
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    });
    request.on('error', () =>
      fail(new GatewayError('caller_disconnected', 'The caller closed the connection while sending.')),
    );
    request.on('close', () => {
      if (!request.complete)
        fail(new GatewayError('caller_disconnected', 'The caller closed the connection while sending.'));
    });
  });
}
