import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { geminiCli } from './gemini-cli.ts';
import { opencode } from './opencode.ts';
import { pi } from './pi.ts';
import type { AgentRecipe } from './recipe.ts';

/** Every agent that runs headless. A new one is a recipe file, a pinned package in `install.ts` and a line here. */
export const recipes: readonly AgentRecipe[] = [codex, claudeCode, geminiCli, opencode, copilot, pi];
