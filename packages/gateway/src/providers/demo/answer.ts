import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { lastPrompt, type Conversation } from './conversation.ts';
import { embeddingsAnswer } from './embeddings.ts';
import { errorBody } from './error-bodies.ts';
import { text } from './json-view.ts';
import { replaceAnswer, sendReply } from './misbehave.ts';
import { modelsAnswer } from './models-list.ts';
import { makePlan, type Plan } from './plan.ts';
import { readAnthropicMessages } from './read-anthropic-messages.ts';
import { parseJsonObject } from './read-body.ts';
import { readGemini } from './read-gemini.ts';
import { readOpenAiChat } from './read-openai-chat.ts';
import { readOpenAiResponses } from './read-openai-responses.ts';
import { replyAnthropicMessages } from './reply-anthropic-messages.ts';
import { replyGemini } from './reply-gemini.ts';
import { replyOpenAiChat } from './reply-openai-chat.ts';
import { replyOpenAiResponses } from './reply-openai-responses.ts';
import type { Reply } from './reply.ts';
import type { RequestLog, SeenRequest } from './request-log.ts';
import { routeOf, type DemoRoute } from './routes.ts';
import { readScenario, ScenarioError, scenarioText, type DirectiveCounter } from './scenario.ts';
import { wasBrokenOff } from './sink.ts';
import { estimateTokens } from './usage.ts';

type CallRoute = Extract<DemoRoute, { kind: 'call' }>;

/** A request with its body read, and what the server keeps. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** As it came over the wire. */
  readonly body: Buffer;
  readonly log: RequestLog;
  readonly counter: DirectiveCounter;
  /** Aborts when the connection is gone. */
  readonly leave: AbortSignal;
}

/** Answers one request. @throws what `isClientLeaving` knows, when the client leaves early. */
export async function answer(exchange: Exchange): Promise<void> {
  const { request, response, body, log } = exchange;
  const url = new URL(request.url ?? '/', 'http://demo');
  const route = routeOf(url.pathname);
  if (route?.kind === 'requests') return answerLog(request, response, log);

  const seen = log.add(request.method ?? '', request.url ?? '', request.headers, body);
  watchEnd(response, seen);
  response.setHeader('x-demo-body-sha256', seen.bodySha256);
  if (route === undefined)
    return sendJson(response, 404, errorBody('openai-chat', 404, `demo: no route ${url.pathname}`));
  if (route.kind === 'models') return sendJson(response, 200, modelsAnswer(url.pathname, request.headers, route.model));
  if (request.method !== 'POST') {
    response.setHeader('allow', 'POST');
    return sendJson(response, 405, errorBody(route.dialect, 405, 'demo: use POST'));
  }
  return answerCall(exchange, route, url);
}

async function answerCall(
  { request, response, body, counter, leave }: Exchange,
  route: CallRoute,
  url: URL,
): Promise<void> {
  const json = parseJsonObject(body, request.headers['content-encoding']);
  if (json === undefined) {
    return sendJson(response, 400, errorBody(route.dialect, 400, 'demo: the body is not a JSON object'));
  }
  const conversation = route.operation === 'generate' ? read(route, json) : undefined;
  const model = route.model ?? text(json.model) ?? '';
  const prompt = conversation === undefined ? '' : lastPrompt(conversation.turns).text;
  try {
    const scenario = scenarioText(headerText(request.headers['x-demo-scenario']), model, prompt);
    const behaviour = readScenario(scenario, counter);
    if (await replaceAnswer(response, route.dialect, behaviour, leave)) return;
    if (conversation === undefined) return sendJson(response, 200, beside(route, json, body));
    if (!conversation.signaturesIntact) {
      return sendJson(response, 400, errorBody(route.dialect, 400, 'demo: a thinking signature came back altered'));
    }
    const seed = createHash('sha256').update(body).update(model).digest('hex');
    const made = reply(makePlan(conversation, behaviour, seed), conversation);
    if (route.dialect === 'gemini' && conversation.stream && url.searchParams.get('alt') !== 'sse') {
      return await sendReply(response, { ...made, json: eventsAsArray(made) }, false, behaviour, leave);
    }
    await sendReply(response, made, conversation.stream, behaviour, leave);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    sendJson(response, 400, errorBody(route.dialect, 400, error.message));
  }
}

function read(route: CallRoute, json: Record<string, unknown>): Conversation {
  switch (route.dialect) {
    case 'openai-chat':
      return readOpenAiChat(json);
    case 'openai-responses':
      return readOpenAiResponses(json);
    case 'anthropic-messages':
      return readAnthropicMessages(json);
    case 'gemini':
      return readGemini(json, route.model ?? '', route.stream ?? false);
  }
}

function reply(plan: Plan, conversation: Conversation): Reply {
  switch (conversation.dialect) {
    case 'openai-chat':
      return replyOpenAiChat(plan, conversation);
    case 'openai-responses':
      return replyOpenAiResponses(plan, conversation);
    case 'anthropic-messages':
      return replyAnthropicMessages(plan);
    case 'gemini':
      return replyGemini(plan);
  }
}

// Embeddings and token counts.
function beside(route: CallRoute, json: Record<string, unknown>, body: Buffer): object {
  if (route.operation === 'embeddings') return embeddingsAnswer(json);
  const tokens = estimateTokens(body.toString('utf8').length);
  return route.dialect === 'gemini' ? { totalTokens: tokens } : { input_tokens: tokens };
}

// Gemini streams a JSON array to whoever does not ask for SSE.
function eventsAsArray({ events }: Reply): unknown[] {
  return events.map((event) => JSON.parse(event.slice('data: '.length)) as unknown);
}

function answerLog(request: IncomingMessage, response: ServerResponse, log: RequestLog): void {
  if (request.method === 'DELETE') {
    log.clear();
    response.writeHead(204).end();
    return;
  }
  sendJson(response, 200, log.entries());
}

function watchEnd(response: ServerResponse, seen: SeenRequest): void {
  response.on('close', () => {
    seen.status = response.headersSent ? response.statusCode : 0;
    seen.aborted = !response.writableFinished && !wasBrokenOff(response);
    seen.finished = true;
  });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
