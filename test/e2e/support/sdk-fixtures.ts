/** A 1 x 1 PNG. */
export const pngBase64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** The demo's usual words. */
export const demoWords = 'Hello from the ucode demo model';

/** JSON schema of the tool that the suites offer under the name `get_weather`. */
export const weatherSchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const;

/** A prompt that makes the demo call `get_weather`. */
export const weatherPrompt = 'What is the weather? [demo: call:get_weather]';
