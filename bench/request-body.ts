/** `small` is about 2 KB; `large` about 320 KB, the size of a coding agent's turn late in a session. */
export type BodyKind = 'small' | 'large';

/** One whole HTTP/1.1 request, head and body. */
export function requestBytes(options: { path: string; token: string; model: string; body: BodyKind }): Buffer {
  const body = Buffer.from(JSON.stringify(requestBody(options.model, options.body)));
  const head = [
    `POST ${options.path} HTTP/1.1`,
    'host: 127.0.0.1',
    `authorization: Bearer ${options.token}`,
    'content-type: application/json',
    'accept: */*',
    'user-agent: ucode-bench/1',
    `content-length: ${body.length}`,
  ].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]);
}

/** The model stands first, `stream` after the messages: a reader has to go through all of them. */
function requestBody(model: string, kind: BodyKind): object {
  const turn = 'Read the file and fix the "failing" test.\n\tThen run it again; '.repeat(20);
  const turns = kind === 'small' ? 1 : 236;
  return {
    model,
    messages: Array.from({ length: turns }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: turn,
    })),
    max_tokens: 1024,
    temperature: 0,
    stream: !model.endsWith('json'),
    ...(model.endsWith('json') ? {} : { stream_options: { include_usage: true } }),
    metadata: { note: 'x'.repeat(300) },
  };
}
