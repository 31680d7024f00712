import { claudeCode } from './claude-code.ts';
import { codex } from './codex.ts';
import type { CodingAgent } from './coding-agent.ts';
import { copilotCli } from './copilot-cli.ts';
import { cursor } from './cursor.ts';
import { geminiCli } from './gemini-cli.ts';
import { opencode } from './opencode.ts';
import { pi } from './pi.ts';

/** Every agent that is told apart in the usage table. A new one is a file and a line here. */
export const codingAgents: readonly CodingAgent[] = [claudeCode, codex, geminiCli, opencode, copilotCli, pi, cursor];
