/**
 * The provider of the benchmark: an OpenAI-shaped server that does as little as possible, in its own
 * process. What it answers is chosen by the model's name in the body:
 *   bench-json   a 1 KB completion
 *   bench-burst  200 events as fast as they can be written one by one
 *   bench-paced  200 events, one every 5 ms, each with the time it was written
 *   bench-idle   one event, then silence until the caller leaves
 * Prints its port.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const events = 200;
const gapMs = 5;

const completion = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_780_000_000,
  model: 'bench-json',
  choices: [{ index: 0, message: { role: 'assistant', content: 'lorem '.repeat(120) }, finish_reason: 'stop' }],
  usage: {
    prompt_tokens: 500,
    completion_tokens: 120,
    total_tokens: 620,
    prompt_tokens_details: { cached_tokens: 100 },
  },
});

/** One content event that carries the microsecond of the monotonic clock at which it was made. */
function event(finish: string | null = null): string {
  const time = process.hrtime.bigint() / 1000n;
  return `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1780000000,"model":"bench","choices":[{"index":0,"delta":{"content":"t=${time} "},"finish_reason":${JSON.stringify(finish)}}]}\n\n`;
}

const end =
  event('stop').replace(/t=\d+ /, '') +
  'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1780000000,"model":"bench","choices":[],"usage":{"prompt_tokens":500,"completion_tokens":200,"total_tokens":700}}\n\n' +
  'data: [DONE]\n\n';

const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const head = (chunks[0] ?? Buffer.alloc(0)).subarray(0, 200).toString('latin1');
    const model = /bench-(\w+)/.exec(head)?.[1];
    if (model === undefined || model === 'json') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': completion.length });
      response.end(completion);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    if (model === 'burst') burst(response, events);
    else if (model === 'paced') paced(response, events);
    else response.write(event());
  });
});

function burst(response: ServerResponse, left: number): void {
  if (response.destroyed) return;
  if (left === 0) response.end(end);
  else {
    response.write(event());
    setImmediate(burst, response, left - 1);
  }
}

function paced(response: ServerResponse, count: number): void {
  let left = count;
  const timer = setInterval(() => {
    if (left-- > 0) response.write(event());
    else {
      clearInterval(timer);
      response.end(end);
    }
  }, gapMs);
  response.on('close', () => clearInterval(timer));
}

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
