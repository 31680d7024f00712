import { asText } from '../lib/json-object.ts';
import { printable } from '../lib/printable.ts';
import type { Transport } from '../platform/transport.ts';
import { WorkspaceError } from '../workspace/client.ts';
import { grantOf, OAuthRefusal, postForm, type Grant, type OAuthServer } from './oauth-server.ts';

/** What somebody has to do on another device. */
export interface DevicePrompt {
  readonly userCode: string;
  readonly verificationUrl: string;
  /** With the code in it, where the gateway gives one. */
  readonly completeUrl: string | undefined;
}

export interface DeviceSignInOptions {
  readonly server: OAuthServer;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly transport: Transport;
  readonly show: (prompt: DevicePrompt) => void;
  /** Waits; for tests. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** Signs in on another device (RFC 8628). @throws OAuthRefusal, WorkspaceError */
export async function signInWithDevice(options: DeviceSignInOptions): Promise<Grant> {
  const { server, clientId, transport } = options;
  const sleep = options.sleep ?? ((ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)));
  if (server.deviceAuthorizationEndpoint === undefined) {
    throw new WorkspaceError('refused', 'This gateway offers no sign-in without a browser.', {
      cure: 'Use a personal access token: ucode login --token-stdin',
    });
  }
  const form = { client_id: clientId, scope: options.scopes.join(' ') };
  const started = await postForm(server.deviceAuthorizationEndpoint, form, transport);
  const deviceCode = asText(started['device_code']);
  const userCode = asText(started['user_code']);
  const verificationUrl = asText(started['verification_uri']);
  if (deviceCode === undefined || userCode === undefined || verificationUrl === undefined) {
    throw new WorkspaceError('not-a-gateway', 'The gateway gave no code for the sign-in.');
  }
  const completeUrl = asText(started['verification_uri_complete']);
  options.show({
    userCode: printable(userCode, 40),
    verificationUrl: printable(verificationUrl),
    completeUrl: completeUrl === undefined ? undefined : printable(completeUrl),
  });
  let intervalMs = (Number(started['interval']) || 5) * 1000;
  const deadline = Date.now() + (Number(started['expires_in']) || 600) * 1000;
  while (Date.now() < deadline) {
    await sleep(intervalMs);
    try {
      const now = Date.now();
      const request = {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: deviceCode,
        client_id: clientId,
      };
      return grantOf(await postForm(server.tokenEndpoint, request, transport), now);
    } catch (error) {
      const passing = error instanceof WorkspaceError && (error.kind === 'unreachable' || error.kind === 'timeout');
      if (error instanceof OAuthRefusal && error.code === 'slow_down') intervalMs += 5_000;
      else if (!passing && !(error instanceof OAuthRefusal && error.code === 'authorization_pending')) throw error;
    }
  }
  throw new OAuthRefusal('expired_token', 'Nobody confirmed the code in time. Try again.');
}
