import Anthropic, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { demoWords, pngBase64, weatherPrompt, weatherSchema } from './support/sdk-fixtures.ts';

const model = 'system.ai.claude-opus-4-8';
let gateway: Gateway;
let client: Anthropic;
const options = (): { baseURL: string; maxRetries: number } => ({
  baseURL: `${gateway.url}/ai-gateway/anthropic`,
  maxRetries: 0,
});
beforeAll(async () => {
  gateway = await startGateway();
  client = new Anthropic({ ...options(), authToken: gateway.token, apiKey: null });
});
afterAll(() => gateway?.stop());

const ask = (text: string): Anthropic.MessageCreateParamsNonStreaming => ({
  model,
  max_tokens: 1024,
  messages: [{ role: 'user', content: text }],
});
const textOf = (message: Anthropic.Message): string =>
  message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

describe('messages', () => {
  it('whole, with an API key as well as with a bearer token', async () => {
    for (const sdk of [client, new Anthropic({ ...options(), apiKey: gateway.token, authToken: null })]) {
      const message = await sdk.messages.create(ask('hi'));
      expect(textOf(message)).toContain(demoWords);
      expect(message.usage).toMatchObject({
        input_tokens: 120,
        cache_read_input_tokens: 1000,
        cache_creation_input_tokens: 80,
        output_tokens: 42,
      });
    }
  });

  it('streamed', async () => {
    const events: string[] = [];
    const stream = client.messages.stream(ask('hi'));
    stream.on('streamEvent', (event) => events.push(event.type));
    expect(textOf(await stream.finalMessage())).toContain(demoWords);
    expect(events.at(0)).toBe('message_start');
    expect(events.at(-1)).toBe('message_stop');
  });

  it('thinking with its signature goes there and back', async () => {
    const thinking = { type: 'enabled' as const, budget_tokens: 1024 };
    const first = await client.messages.create({ ...ask('hi'), max_tokens: 4096, thinking });
    const block = first.content.find((entry) => entry.type === 'thinking');
    expect(block?.signature.length).toBeGreaterThan(0);
    const second = await client.messages.create({
      ...ask('hi'),
      max_tokens: 4096,
      thinking,
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: first.content as Anthropic.ContentBlockParam[] },
        { role: 'user', content: 'go on' },
      ],
    });
    expect(textOf(second)).toContain('demo model');
  });

  it('a tool, its result and an image, streamed', async () => {
    const tools: Anthropic.Tool[] = [
      { name: 'get_weather', input_schema: { ...weatherSchema, required: [...weatherSchema.required] } },
    ];
    const messages: Anthropic.MessageParam[] = [
      {
        role: 'user',
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pngBase64 } },
          { type: 'text', text: weatherPrompt },
        ],
      },
    ];
    const first = await client.messages.stream({ model, max_tokens: 1024, tools, messages }).finalMessage();
    expect(first.stop_reason).toBe('tool_use');
    const call = first.content.find((block) => block.type === 'tool_use');
    expect(call).toMatchObject({ name: 'get_weather', input: { city: expect.any(String) } });
    messages.push(
      { role: 'assistant', content: first.content as Anthropic.ContentBlockParam[] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call!.id, content: 'sunny' }] },
    );
    expect(textOf(await client.messages.stream({ model, max_tokens: 1024, tools, messages }).finalMessage())).toContain(
      'demo model',
    );
  });

  it('counting tokens, listing models and the beta route', async () => {
    const { model: name, messages } = ask('hi');
    expect((await client.messages.countTokens({ model: name, messages })).input_tokens).toBeGreaterThan(0);
    const models = await client.models.list();
    expect(models.data.length).toBeGreaterThan(0);
    const beta = await client.beta.messages.create({ ...ask('hi'), betas: ['context-1m-2025-08-07'] });
    expect(beta.content.length).toBeGreaterThan(0);
  });
});

describe('errors', () => {
  const fails = async (work: Promise<unknown>): Promise<APIError> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(APIError);
    return error as APIError;
  };
  const demo = (scenario: string): Promise<unknown> => client.messages.create(ask(`hi [demo: ${scenario}]`));

  it('401', async () => {
    const error = await fails(
      new Anthropic({ ...options(), apiKey: 'ucg_wrong', authToken: null }).messages.create(ask('hi')),
    );
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.type).toBe('authentication_error');
    expect(error.requestID).toEqual(expect.any(String));
  });

  it('404 for an unknown model', async () => {
    const error = await fails(client.messages.create({ ...ask('hi'), model: 'claude-none' }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.type).toBe('not_found_error');
  });

  it('429, 400 and 529 of the provider', async () => {
    expect(await fails(demo('error:429'))).toBeInstanceOf(RateLimitError);
    expect(await fails(demo('error:400'))).toBeInstanceOf(BadRequestError);
    expect(await fails(demo('error:529'))).toBeInstanceOf(InternalServerError);
  });

  it.each(['clean-cut', 'cut', 'sse-error'])('a stream that ends with %s rejects', async (scenario) => {
    const stream = client.messages.stream(ask(`hi [demo: ${scenario}]`));
    await expect(stream.finalMessage()).rejects.toBeInstanceOf(Error);
  });
});
