import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, jsonSchema, stepCountIs, streamText, tool, type LanguageModel } from 'ai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { demoWords, pngBase64, weatherPrompt, weatherSchema } from './support/sdk-fixtures.ts';

let gateway: Gateway;
beforeAll(async () => void (gateway = await startGateway()));
afterAll(() => gateway?.stop());

/** Each provider package of the AI SDK at the base that OpenCode gives it. */
const packages: readonly (readonly [string, string, (model: string, apiKey: string) => LanguageModel])[] = [
  [
    'anthropic',
    'system.ai.claude-sonnet-5',
    (model, apiKey) => createAnthropic({ apiKey, baseURL: `${gateway.url}/ai-gateway/anthropic/v1` })(model),
  ],
  [
    'google',
    'system.ai.gemini-3-5-flash',
    (model, apiKey) => createGoogleGenerativeAI({ apiKey, baseURL: `${gateway.url}/ai-gateway/gemini/v1beta` })(model),
  ],
  [
    'openai responses',
    'system.ai.gpt-5-5',
    (model, apiKey) => createOpenAI({ apiKey, baseURL: `${gateway.url}/ai-gateway/mlflow/v1` })(model),
  ],
  [
    'openai chat',
    'system.ai.gpt-5-5',
    (model, apiKey) => createOpenAI({ apiKey, baseURL: `${gateway.url}/ai-gateway/openai/v1` }).chat(model),
  ],
  [
    'openai-compatible',
    'system.ai.kimi-k2-6',
    (model, apiKey) =>
      createOpenAICompatible({ name: 'ucode', apiKey, baseURL: `${gateway.url}/ai-gateway/mlflow/v1` })(model),
  ],
];

const weather = () => ({
  get_weather: tool({
    inputSchema: jsonSchema<{ city: string }>({ ...weatherSchema, required: [...weatherSchema.required] }),
    execute: () => Promise.resolve('sunny'),
  }),
});

describe.each(packages)('%s', (_name, model, make) => {
  it('whole, with an image', async () => {
    const result = await generateText({
      model: make(model, gateway.token),
      maxRetries: 0,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'hi' },
            { type: 'image', image: Buffer.from(pngBase64, 'base64') },
          ],
        },
      ],
    });
    expect(result.text).toContain(demoWords);
    expect(result.usage).toMatchObject({ inputTokens: 1200, outputTokens: 42 });
  });

  it('streamed', async () => {
    const result = streamText({ model: make(model, gateway.token), maxRetries: 0, prompt: 'hi' });
    let text = '';
    for await (const part of result.textStream) text += part;
    expect(text).toContain(demoWords);
    expect(await result.finishReason).toBe('stop');
  });

  it('a tool loop to its end, streamed', async () => {
    const result = streamText({
      model: make(model, gateway.token),
      maxRetries: 0,
      prompt: weatherPrompt,
      tools: weather(),
      stopWhen: stepCountIs(3),
    });
    await result.consumeStream();
    const steps = await result.steps;
    expect(steps[0]!.toolCalls[0]).toMatchObject({ toolName: 'get_weather', input: { city: expect.any(String) } });
    expect(await result.text).toContain('demo model');
  });

  it('errors keep their status and message', async () => {
    const failure = async (name: string, key: string, prompt = 'hi'): Promise<APICallError> => {
      const error = await generateText({ model: make(name, key), maxRetries: 0, prompt }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(APICallError.isInstance(error), String(error)).toBe(true);
      return error as APICallError;
    };
    expect((await failure(model, 'ucg_wrong')).statusCode).toBe(401);
    const missing = await failure('no-such-model', gateway.token);
    expect(missing.statusCode).toBe(404);
    expect(missing.message).toContain('no-such-model');
    const limited = await failure(model, gateway.token, 'hi [demo: error:429]');
    expect(limited).toMatchObject({ statusCode: 429, isRetryable: true });
  });
});
