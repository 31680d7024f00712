import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Browser } from '../../packages/gateway/src/identity/oauth/testing/browser.ts';
import { authorization } from '../../packages/gateway/src/identity/oauth/testing/oauth-harness.ts';
import type { Gateway } from '../support/gateway-process.ts';
import type { SandboxedLaptop } from './launcher-run.ts';

/** Signs in as the first user does with a browser, and leaves on the laptop what `ucode login` leaves there. */
export async function signInWithOAuth(laptop: SandboxedLaptop, gateway: Gateway): Promise<void> {
  const output = gateway.output();
  const userName = /You are the user '([^']+)'/.exec(output)?.[1] ?? '';
  const password = /password {2}(\S+)/.exec(output)?.[1] ?? '';
  const browser = new Browser(gateway.url);
  const { query, verifier, redirectUri } = authorization(gateway.url);
  const page = await browser.get(`${gateway.url}/oidc/v1/authorize?${query}`);
  await browser.submit(page, '/sign-in', { user_name: userName, password });
  const answer = await fetch(`${gateway.url}/oidc/v1/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: new URL(browser.leftTo ?? 'none:').searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      client_id: 'databricks-cli',
      code_verifier: verifier,
    }),
  });
  const grant = (await answer.json()) as Readonly<Record<string, string>>;
  if (!answer.ok) throw new Error(`no sign-in: ${answer.status} ${JSON.stringify(grant)}`);
  const credential = {
    kind: 'oauth',
    clientId: 'databricks-cli',
    refreshToken: grant['refresh_token'],
    access: { value: grant['access_token'], expiresAt: Date.now() + Number(grant['expires_in']) * 1000 },
  };
  const directory = path.join(laptop.home, '.ucode');
  const settings = { version: 1, current: laptop.base, workspaces: { [laptop.base]: { userName } } };
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(path.join(directory, 'credentials.json'), JSON.stringify({ [laptop.base]: credential }), {
    mode: 0o600,
  });
  writeFileSync(path.join(directory, 'settings.json'), JSON.stringify(settings), { mode: 0o600 });
}
