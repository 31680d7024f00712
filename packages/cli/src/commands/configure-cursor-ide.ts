import type { Command } from 'commander';
import { loadAgent } from '../agents/registry.ts';
import { asObject, asText } from '../lib/json-object.ts';
import { readCatalogue } from '../setup/read-catalogue.ts';
import type { OfferedModel } from '../workspace/models.ts';
import type { WorkspaceClient } from '../workspace/client.ts';
import { byVersion } from '../workspace/read-models.ts';
import { DEFAULT_LIFETIME, lifetimeSeconds, withAgentToken } from './agent-tokens.ts';
import type { Context } from './context.ts';
import { ensureSignedIn } from './ensure-signed-in.ts';

interface CursorOptions {
  readonly createToken?: boolean;
  readonly tokenLifetime: string;
  readonly workspace?: string;
}

/** The API that Cursor's servers call (agents.md 9). */
const API = 'cursor/v1/chat/completions';
/** How long the model may take to answer, milliseconds. */
const TIMEOUT_MS = 60_000;

/** `configure cursor-ide`: the steps of the Cursor IDE, which only takes them by hand, checked with a real request. */
export function configureCursorIdeCommand(configure: Command, context: Context): void {
  configure
    .command('cursor-ide')
    .description('what to enter in the Cursor IDE, checked against the gateway')
    .option('--create-token', 'make a personal access token for it, and show it')
    .option('--token-lifetime <time>', 'how long that token lasts', DEFAULT_LIFETIME)
    .option('--workspace <url>', 'another workspace than the one in use')
    .addHelpText(
      'after',
      '\nExamples:\n  ucode configure cursor-ide\n  ucode configure cursor-ide --create-token --token-lifetime 30d\n',
    )
    .action((options: CursorOptions) => configureCursorIde(context, options));
}

async function configureCursorIde(context: Context, options: CursorOptions): Promise<void> {
  const { terminal } = context;
  const lifetime = lifetimeSeconds(options.tokenLifetime);
  const workspaceUrl = await ensureSignedIn(context, options.workspace);
  const client = await context.client(workspaceUrl);
  const { models: all } = await readCatalogue(client);
  const models = all.filter(({ apiTypes }) => apiTypes.includes(API)).toSorted(byVersion);
  const [model] = models;
  if (model === undefined)
    throw new Error(`${workspaceUrl} offers you no model that Cursor can use. Ask an admin for EXECUTE on one.`);
  if (!(options.createToken ?? (await wantsToken(context)))) {
    await check(client, model);
    return showSteps(context, workspaceUrl, models, undefined);
  }
  const agent = await loadAgent('cursor');
  await withAgentToken(context, agent, workspaceUrl, lifetime, async ({ value, expiresAt }) => {
    await check(await context.client(workspaceUrl, { token: async () => ({ value, expiresAt }) }), model);
    showSteps(context, workspaceUrl, models, value);
  });
  terminal.note('The token is shown this once. ucode revert --agents cursor deletes it.');
}

function wantsToken({ terminal }: Context): Promise<boolean> | boolean {
  return (
    terminal.interactive &&
    terminal.confirm('Cursor needs a personal access token. Make one now, and show it?', {
      flag: '--create-token',
      initial: true,
    })
  );
}

/** One real answer, the way Cursor asks for it. @throws Error naming what is wrong. */
async function check(client: WorkspaceClient, { id }: OfferedModel): Promise<void> {
  const answer = await client.json(`/ai-gateway/${API}`, {
    method: 'POST',
    body: { model: id, stream: false, messages: [{ role: 'user', content: 'Answer with the one word: ready' }] },
    timeoutMs: TIMEOUT_MS,
  });
  const [choice] = Array.isArray(answer['choices']) ? (answer['choices'] as unknown[]) : [];
  if (asText(asObject(asObject(choice)?.['message'])?.['content']) === undefined)
    throw new Error(`${client.url} gave no answer of ${id} to a request like Cursor's.`);
}

function showSteps(
  { terminal }: Context,
  workspaceUrl: string,
  models: readonly OfferedModel[],
  token: string | undefined,
): void {
  const { protocol } = new URL(workspaceUrl);
  terminal.done(`${workspaceUrl} has answered a request like Cursor's`);
  if (protocol !== 'https:')
    terminal.warn(
      "Cursor's own servers call the gateway: they need an address with https that the internet can reach.",
    );
  terminal.data(`1. In Cursor: Settings > Cursor Settings > Models > API Keys
2. Turn on "Override OpenAI Base URL", and enter: ${workspaceUrl}/ai-gateway/cursor/v1
3. Into "OpenAI API Key" paste: ${token ?? 'a personal access token (ucode configure cursor-ide --create-token makes one)'}
4. With "+ Add Custom Model" add the models you want, and turn them on:
${models.map(({ id }) => `     ${id}`).join('\n')}
5. Open Ask mode (Cmd+L or Ctrl+L), choose the model, and send a message.`);
}
