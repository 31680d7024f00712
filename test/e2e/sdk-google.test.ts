import { ApiError, FunctionCallingConfigMode, GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { demoWords, pngBase64, weatherPrompt, weatherSchema } from './support/sdk-fixtures.ts';

const model = 'system.ai.gemini-3-5-flash';
let gateway: Gateway;
let client: GoogleGenAI;
const clientWith = (apiKey: string): GoogleGenAI =>
  new GoogleGenAI({ apiKey, httpOptions: { baseUrl: `${gateway.url}/ai-gateway/gemini` } });
beforeAll(async () => {
  gateway = await startGateway();
  client = clientWith(gateway.token);
});
afterAll(() => gateway?.stop());

it('whole, with an image', async () => {
  const response = await client.models.generateContent({
    model,
    contents: [{ role: 'user', parts: [{ text: 'hi' }, { inlineData: { mimeType: 'image/png', data: pngBase64 } }] }],
  });
  expect(response.text).toContain(demoWords);
  expect(response.usageMetadata).toMatchObject({ promptTokenCount: 1200, cachedContentTokenCount: 1000 });
});

it('streamed, under the canonical spelling with dots too', async () => {
  for (const name of [model, 'gemini-3.5-flash']) {
    let text = '';
    for await (const chunk of await client.models.generateContentStream({ model: name, contents: 'hi' }))
      text += chunk.text ?? '';
    expect(text).toContain(demoWords);
  }
});

it('a tool and its result', async () => {
  const config = {
    tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: weatherSchema }] }],
    toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.AUTO } },
  };
  const chat = client.chats.create({ model, config });
  const first = await chat.sendMessage({ message: weatherPrompt });
  const call = first.functionCalls?.[0];
  expect(call).toMatchObject({ name: 'get_weather', args: { city: expect.any(String) } });
  const second = await chat.sendMessage({
    message: [
      {
        functionResponse: {
          ...(call!.id ? { id: call!.id } : {}),
          name: 'get_weather',
          response: { weather: 'sunny' },
        },
      },
    ],
  });
  expect(second.text).toContain('demo model');
});

it('counts tokens', async () => {
  expect((await client.models.countTokens({ model, contents: 'hi' })).totalTokens).toBeGreaterThan(0);
});

describe('errors', () => {
  const status = async (work: Promise<unknown>): Promise<number> => {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ApiError);
    expect(JSON.parse((error as ApiError).message)).toMatchObject({
      error: { code: (error as ApiError).status, status: expect.any(String), message: expect.any(String) },
    });
    return (error as ApiError).status;
  };

  it('401 and 404', async () => {
    expect(await status(clientWith('ucg_wrong').models.generateContent({ model, contents: 'hi' }))).toBe(401);
    expect(await status(client.models.generateContent({ model: 'gemini-none', contents: 'hi' }))).toBe(404);
  });

  it.each([429, 400, 503])('%s of the provider', async (code) => {
    expect(await status(client.models.generateContent({ model, contents: `hi [demo: error:${code}]` }))).toBe(code);
  });

  it('a stream that is cut rejects', async () => {
    const stream = await client.models.generateContentStream({ model, contents: 'hi [demo: clean-cut]' });
    await expect(
      (async () => {
        for await (const chunk of stream) void chunk;
      })(),
    ).rejects.toBeInstanceOf(Error);
  });
});
