import type { ServerResponse } from 'node:http';

/** A refusal in the form of RFC 6749 5.2. */
export function oauthProblem(error: string, description: string): Readonly<Record<string, string>> {
  return { error, error_description: description };
}

/** Answers with JSON. */
export function sendOAuthJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
  });
  response.end(text);
}
