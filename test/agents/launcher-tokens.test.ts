// A session that outlives its tokens: each is valid for a moment, and every answer takes longer than that, so that each
// call comes with a token of its own or is refused.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { ensureAgents } from './install.ts';
import { launchable, launchableIds, openSandboxedLaptop, promptArguments } from './launcher-run.ts';
import { signInWithOAuth } from './oauth-sign-in.ts';

const CONFIG = 'identity:\n  oauth:\n    access_token_lifetime: 6s\n';
/** Milliseconds before the first byte of each answer: longer than a token is valid. */
const SLOW_MS = 6_500;
const TOOL_CALLS = 2;
const FINAL_TEXT = 'Final answer from the ucode demo model';

// They mostly wait.
vi.setConfig({ maxConcurrency: 3 });

let gateway: Gateway;
beforeAll(async () => {
  await ensureAgents(launchableIds.map((id) => launchable[id].name));
  gateway = await startGateway({ config: CONFIG });
});
afterAll(() => gateway.stop());

describe.concurrent('a session that outlives its tokens', { timeout: 180_000 }, () => {
  it.each(launchableIds)('%s', async (id) => {
    const laptop = await openSandboxedLaptop(gateway, [id]);
    try {
      await signInWithOAuth(laptop, gateway);
      const scenario = `[demo: again:${TOOL_CALLS}+slow-first-byte:${SLOW_MS}#${id}]`;
      const run = await laptop.ucode(promptArguments(id, `Create the file f.txt with the text hi. ${scenario}`));
      const paths = laptop.requests.map(({ method, path }) => `${method} ${path}`);
      const summary = `${run.stderr}\n${paths.join('\n')}`;
      expect(run.code, summary).toBe(0);
      expect(run.stdout, summary).toContain(FINAL_TEXT);
      const refreshed = paths.filter((one) => one.startsWith('POST /oidc/v1/token'));
      expect(filesWithTokens(laptop.home), 'files with a token').toEqual([path.join('.ucode', 'credentials.json')]);
      // One for each answer.
      expect(refreshed.length, summary).toBeGreaterThan(TOOL_CALLS);
    } finally {
      laptop.close();
    }
  });
});

/** Names of the files below a home that have the tokens of the sign-in in them. */
function filesWithTokens(home: string): string[] {
  const text = readFileSync(path.join(home, '.ucode', 'credentials.json'), 'utf8');
  const [credential] = Object.values(JSON.parse(text) as Record<string, OAuthCredential>);
  const tokens = [credential?.refreshToken, credential?.access.value].filter((token) => token !== undefined);
  expect(tokens).toHaveLength(2);
  return readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const file = path.join(home, name);
    return statSync(file).isFile() && tokens.some((token) => readFileSync(file).includes(token));
  });
}

interface OAuthCredential {
  readonly refreshToken: string;
  readonly access: { readonly value: string };
}
