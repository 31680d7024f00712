import type { RestRoute } from '../rest-route.ts';
import { anthropicModelRoutes } from './anthropic-models.ts';
import { anthropicWarmUpRoutes } from './anthropic-warm-up.ts';
import { codexModelRoutes } from './codex-models.ts';
import { geminiModelRoutes } from './gemini-models.ts';
import { openaiModelRoutes } from './openai-models.ts';

/** The `GET` side of `/ai-gateway`: each family's model list in its own shape, and the warm-up paths. */
export const modelListRoutes: readonly RestRoute[] = [
  ...codexModelRoutes,
  ...openaiModelRoutes,
  ...anthropicModelRoutes,
  ...geminiModelRoutes,
  ...anthropicWarmUpRoutes,
];
