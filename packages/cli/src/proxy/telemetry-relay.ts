import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { TokenSource } from '../auth/token.ts';
import { asText, parseObject } from '../lib/json-object.ts';
import { printable } from '../lib/printable.ts';
import type { Transport } from '../platform/transport.ts';
import { otelTable, TABLE_HEADER, type Signal } from '../workspace/otel.ts';
import { readWhole } from './read-whole.ts';

const TABLE = TABLE_HEADER.toLowerCase();
/** What an exporter says that the gateway must know. */
const PASSED_ON = ['content-type', 'content-encoding', 'user-agent', TABLE] as const;
/** How long the gateway may take for one export, milliseconds. */
const TIMEOUT_MS = 10_000;
/** How long what is under way may take when the agent has ended, milliseconds. */
const SETTLE_MS = 5_000;
/** Exports under way may take this much together, bytes; more are dropped. */
const MAX_HELD_BYTES = 32 * 1024 * 1024;
/** Of a refusal, this much is read. */
const MAX_REFUSAL_BYTES = 64 * 1024;

export interface TelemetryRelayOptions {
  readonly tokens: TokenSource;
  readonly transport: Transport;
  /** `catalog.schema.prefix` of the tables of exporters that name none. */
  readonly tablePrefix: string | undefined;
}

/**
 * Passes an agent's telemetry on to the gateway. An exporter is answered at once that all is well, whatever becomes of
 * it: agents wait for their exporters when they end, repeat what failed, and some print it among their answers. What
 * went wrong is kept for the launcher.
 */
export class TelemetryRelay {
  readonly #options: TelemetryRelayOptions;
  readonly #underWay = new Set<Promise<void>>();
  #heldBytes = 0;
  /** Why telemetry did not arrive the last time it did not. */
  problem: string | undefined;

  constructor(options: TelemetryRelayOptions) {
    this.#options = options;
  }

  take(signal: Signal, url: URL, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const contentType = request.headers['content-type'] ?? 'application/x-protobuf';
    // A message without fields is empty in protobuf.
    response.writeHead(200, { 'content-type': contentType }).end(contentType.includes('json') ? '{}' : '');
    if (this.#heldBytes + body.length > MAX_HELD_BYTES) return void (this.problem = 'The gateway is too slow for it.');
    this.#heldBytes += body.length;
    const passing = this.#pass(url, this.#headers(signal, request, body), body)
      .catch((error: unknown) => void (this.problem = error instanceof Error ? error.message : String(error)))
      .finally(() => {
        this.#heldBytes -= body.length;
        this.#underWay.delete(passing);
      });
    this.#underWay.add(passing);
  }

  /** Waits a little for what is under way; then it is given up. */
  async settle(): Promise<void> {
    if (this.#underWay.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, SETTLE_MS)));
    await Promise.race([Promise.all(this.#underWay), late]);
    clearTimeout(timer);
    if (this.#underWay.size > 0) this.problem ??= 'The gateway did not take it in time.';
    this.#underWay.clear();
  }

  async #pass(url: URL, headers: OutgoingHttpHeaders, body: Buffer): Promise<void> {
    const { tokens } = this.#options;
    const token = await tokens.token();
    let answer = await this.#send(url, headers, body, token.value);
    if (answer.statusCode === 401) {
      answer.resume();
      const { value } = await tokens.token({ refused: token.value });
      answer = await this.#send(url, headers, body, value);
    }
    const { statusCode = 0 } = answer;
    if (statusCode >= 200 && statusCode < 300) return void answer.resume();
    const text = (await readWhole(answer, MAX_REFUSAL_BYTES))?.toString('utf8') ?? '';
    throw new Error(
      printable(
        asText(parseObject(text)?.['message']) ?? `The gateway answered ${statusCode} for ${String(headers[TABLE])}.`,
      ),
    );
  }

  #send(url: URL, headers: OutgoingHttpHeaders, body: Buffer, token: string): Promise<IncomingMessage> {
    const { transport } = this.#options;
    return new Promise((resolve, reject) => {
      const outgoing = transport.open({
        url,
        method: 'POST',
        headers: { ...headers, authorization: `Bearer ${token}` },
      });
      const timer = setTimeout(() => outgoing.destroy(new Error('The gateway did not answer in time.')), TIMEOUT_MS);
      outgoing.once('close', () => clearTimeout(timer));
      outgoing.once('response', resolve);
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  #headers(signal: Signal, { headers }: IncomingMessage, body: Buffer): OutgoingHttpHeaders {
    const { tablePrefix } = this.#options;
    const table = tablePrefix === undefined ? {} : { [TABLE]: otelTable(tablePrefix, signal) };
    const passed = PASSED_ON.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const]));
    return { ...table, ...Object.fromEntries(passed), 'content-length': body.length };
  }
}
