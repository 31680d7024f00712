import OpenAI, {
  APIError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { demoWords, pngBase64, weatherPrompt, weatherSchema } from './support/sdk-fixtures.ts';

const model = 'system.ai.gpt-5-5';
let gateway: Gateway;
let client: OpenAI;
const clientWith = (apiKey: string): OpenAI =>
  new OpenAI({ apiKey, baseURL: `${gateway.url}/ai-gateway/openai/v1`, maxRetries: 0 });
beforeAll(async () => {
  gateway = await startGateway();
  client = clientWith(gateway.token);
});
afterAll(() => gateway?.stop());

describe('responses', () => {
  it('whole', async () => {
    const response = await client.responses.create({ model, input: 'hi' });
    expect(response.output_text).toContain(demoWords);
    expect(response.usage).toMatchObject({
      input_tokens: 1200,
      output_tokens: 42,
      input_tokens_details: { cached_tokens: 1000 },
    });
  });

  it('streamed', async () => {
    const types: string[] = [];
    const stream = client.responses.stream({ model, input: 'hi' });
    stream.on('event', (event) => types.push(event.type));
    const final = await stream.finalResponse();
    expect(final.output_text).toContain(demoWords);
    expect(types.at(0)).toBe('response.created');
    expect(types.at(-1)).toBe('response.completed');
    expect(types).toContain('response.output_text.delta');
  });

  it('with a tool, its output and an image', async () => {
    const tools = [{ type: 'function' as const, name: 'get_weather', parameters: { ...weatherSchema }, strict: true }];
    const input: OpenAI.Responses.ResponseInput = [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: weatherPrompt },
          { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${pngBase64}` },
        ],
      },
    ];
    const first = await client.responses.create({ model, input, tools });
    const call = first.output.find((item) => item.type === 'function_call');
    expect(call).toMatchObject({ name: 'get_weather' });
    expect(JSON.parse(call!.arguments)).toMatchObject({ city: expect.any(String) });
    const second = await client.responses.create({
      model,
      tools,
      input: [...input, call!, { type: 'function_call_output', call_id: call!.call_id, output: 'sunny' }],
    });
    expect(second.output_text).toContain('demo model');
  });
});

describe('chat completions', () => {
  it('whole, with an image', async () => {
    const completion = await client.chat.completions.create({
      model,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'hi' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${pngBase64}` } },
          ],
        },
      ],
    });
    expect(completion.choices[0]!.message.content).toContain(demoWords);
    expect(completion.usage).toMatchObject({ prompt_tokens: 1200, completion_tokens: 42, total_tokens: 1242 });
  });

  it('streamed, with usage though the caller did not ask', async () => {
    let text = '';
    for await (const chunk of await client.chat.completions.create({
      model,
      stream: true,
      messages: [{ role: 'user', content: 'hi' }],
    })) {
      text += chunk.choices[0]?.delta.content ?? '';
    }
    expect(text).toContain(demoWords);
  });

  it('streamed tool call', async () => {
    const stream = client.chat.completions.stream({
      model,
      messages: [{ role: 'user', content: weatherPrompt }],
      tools: [{ type: 'function', function: { name: 'get_weather', parameters: { ...weatherSchema } } }],
      stream_options: { include_usage: true },
    });
    const completion = await stream.finalChatCompletion();
    const call = completion.choices[0]!.message.tool_calls![0]!;
    expect(call.type === 'function' && call.function.name).toBe('get_weather');
    expect(completion.choices[0]!.finish_reason).toBe('tool_calls');
    expect(completion.usage?.total_tokens).toBe(1242);
  });
});

it('models and embeddings', async () => {
  const ids: string[] = [];
  for await (const entry of client.models.list()) ids.push(entry.id);
  expect(ids).toContain(model);
  const answer = await client.embeddings.create({ model, input: 'hi', encoding_format: 'float' });
  expect(answer.data[0]!.embedding.length).toBeGreaterThan(0);
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
  const demo = (scenario: string): Promise<unknown> =>
    client.chat.completions.create({ model, messages: [{ role: 'user', content: `hi [demo: ${scenario}]` }] });

  it('401', async () => {
    const error = await fails(clientWith('ucg_wrong').responses.create({ model, input: 'hi' }));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.code).toEqual(expect.any(String));
    expect(error.requestID).toEqual(expect.any(String));
  });

  it('404 for an unknown model', async () => {
    const error = await fails(client.responses.create({ model: 'gpt-none', input: 'hi' }));
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.code).toBe('model_not_found');
    expect(error.message).toContain('gpt-none');
  });

  it('429, 400 and 500 of the provider', async () => {
    expect(await fails(demo('error:429'))).toBeInstanceOf(RateLimitError);
    expect(await fails(demo('error:400'))).toBeInstanceOf(BadRequestError);
    expect(await fails(demo('error:500'))).toBeInstanceOf(InternalServerError);
  });

  it('a cut stream rejects instead of ending quietly', async () => {
    const stream = await client.chat.completions.create({
      model,
      stream: true,
      messages: [{ role: 'user', content: 'hi [demo: clean-cut]' }],
    });
    await expect(
      (async () => {
        for await (const chunk of stream) void chunk;
      })(),
    ).rejects.toBeInstanceOf(APIError);
    const response = await client.responses.stream({ model, input: 'hi [demo: clean-cut]' }).finalResponse();
    expect(response).toMatchObject({ status: 'failed', error: { message: expect.any(String) } });
  });
});

it('closing the stream early is metered as a disconnect', async () => {
  const stream = await client.chat.completions.create({
    model,
    stream: true,
    messages: [{ role: 'user', content: 'hi [demo: chunks:500:20]' }],
  });
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
  stream.controller.abort();
  await expect
    .poll(async () => (await gateway.usage()).at(-1)?.error_code, { timeout: 15_000 })
    .toBe('caller_disconnected');
});
