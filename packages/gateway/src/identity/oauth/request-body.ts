import type { IncomingMessage } from 'node:http';

/** Why a body cannot be read. */
export class BodyProblem extends Error {
  readonly status: 400 | 408 | 413;

  constructor(status: 400 | 408 | 413, message: string) {
    super(message);
    this.name = 'BodyProblem';
    this.status = status;
  }
}

/** Reads a small body whole. @throws BodyProblem where it is longer than `limit` bytes or breaks off. */
export async function readSmallBody(request: IncomingMessage, limit: number): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new BodyProblem(413, 'The body is too large.');
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      length += (chunk as Buffer).length;
      if (length > limit) throw new BodyProblem(413, 'The body is too large.');
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    throw error instanceof BodyProblem ? error : new BodyProblem(408, 'The body did not arrive.');
  }
  return Buffer.concat(chunks, length).toString('utf8');
}

/** Reads a form. @throws BodyProblem where it is none, or a field stands twice. */
export async function readForm(request: IncomingMessage, limit: number): Promise<ReadonlyMap<string, string>> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') throw new BodyProblem(400, 'The body is not a form.');
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(await readSmallBody(request, limit))) {
    if (fields.has(name)) throw new BodyProblem(400, 'A field of the form stands twice.');
    fields.set(name, value);
  }
  return fields;
}
