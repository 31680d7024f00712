import type { IncomingHttpHeaders } from 'node:http';
import { demoModels } from './default-models.ts';
import { DEMO_CREATED } from './reply.ts';

/** The demo's models in the form the caller knows: Gemini's by path, Anthropic's by header, else OpenAI's. */
export function modelsAnswer(pathname: string, headers: IncomingHttpHeaders, model: string | undefined): object {
  const ids = demoModels.map((entry) => entry.model);
  if (pathname.includes('/v1beta/') || headers['x-goog-api-key'] !== undefined) {
    return model === undefined ? { models: ids.map(geminiModel) } : geminiModel(model);
  }
  if (headers['anthropic-version'] !== undefined) {
    if (model !== undefined) return anthropicModel(model);
    return { data: ids.map(anthropicModel), has_more: false, first_id: ids[0], last_id: ids.at(-1) };
  }
  return model === undefined ? { object: 'list', data: ids.map(openAiModel) } : openAiModel(model);
}

function openAiModel(id: string): object {
  return { id, object: 'model', created: DEMO_CREATED, owned_by: 'ucode-demo' };
}

function anthropicModel(id: string): object {
  return { type: 'model', id, display_name: id, created_at: new Date(DEMO_CREATED * 1000).toISOString() };
}

function geminiModel(id: string): object {
  return {
    name: `models/${id}`,
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
  };
}
