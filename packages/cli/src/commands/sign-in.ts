import { spawn } from 'node:child_process';
import { signInWithBrowser } from '../auth/browser-sign-in.ts';
import { signInWithDevice } from '../auth/device-sign-in.ts';
import { findOAuthServer, type Grant } from '../auth/oauth-server.ts';
import type { Environment } from '../platform/environment.ts';
import type { Context } from './context.ts';

export interface SignInOptions {
  /** Chosen by itself where it is left out: no browser where nothing can be shown. */
  readonly device?: boolean | undefined;
}

const SCOPES = ['all-apis', 'offline_access'];
/** Databricks workspaces know this public client, and these ports for it (workspace-contract 3.3); so does our gateway. */
const CLIENT_ID = 'databricks-cli';
const PORTS = Array.from({ length: 21 }, (_, at) => 8020 + at);

/** Signs in and keeps the sign-in. @returns who signed in. @throws OAuthRefusal, WorkspaceError */
export async function signIn(context: Context, workspaceUrl: string, options: SignInOptions = {}): Promise<string> {
  const { environment, terminal, transport } = context;
  const server = await findOAuthServer(workspaceUrl, transport);
  const device = options.device ?? (!hasBrowser(environment) && server.deviceAuthorizationEndpoint !== undefined);
  const common = { server, scopes: SCOPES, transport };
  const clientId = device ? 'ucode' : CLIENT_ID;
  const grant: Grant = device
    ? await signInWithDevice({
        ...common,
        clientId,
        show: ({ userCode, verificationUrl, completeUrl }) => {
          terminal.note(`Open ${completeUrl ?? verificationUrl} on any device and confirm this code: ${userCode}`);
        },
      })
    : await signInWithBrowser({
        ...common,
        clientId,
        ports: PORTS,
        callbackPath: '',
        open: async (url) => {
          terminal.note(`Sign in on the page that opens. If none does, open this address:\n${url}`);
          openBrowser(url, environment);
        },
      });
  if (grant.refreshToken === undefined)
    terminal.warn('The gateway gave no refresh token: you will have to sign in again when this token expires.');
  const credentials = await context.credentials;
  await credentials.set(workspaceUrl, {
    kind: 'oauth',
    clientId,
    refreshToken: grant.refreshToken ?? '',
    access: grant.access,
  });
  return rememberWorkspace(context, workspaceUrl);
}

/** Makes a workspace the one in use, once its token works. @returns the user's name. */
export async function rememberWorkspace(context: Context, workspaceUrl: string): Promise<string> {
  const client = await context.client(workspaceUrl);
  const me = await client.json('/api/2.0/preview/scim/v2/Me', { timeoutMs: 10_000 });
  const userName = typeof me['userName'] === 'string' ? me['userName'] : 'unknown';
  await context.settings.change((settings) => ({
    ...settings,
    current: workspaceUrl,
    workspaces: { ...settings.workspaces, [workspaceUrl]: { ...settings.workspaces[workspaceUrl], userName } },
  }));
  return userName;
}

/** Whether a browser can be expected to open on this machine and to come back to it. */
export function hasBrowser({ platform, variables, interactive }: Environment): boolean {
  if (variables['SSH_CONNECTION'] || variables['SSH_TTY'] || variables['CODESPACES'] || variables['REMOTE_CONTAINERS'])
    return false;
  if (variables['BROWSER']) return true;
  if (!interactive) return false;
  return (
    platform !== 'linux' ||
    Boolean(variables['DISPLAY'] || variables['WAYLAND_DISPLAY'] || variables['WSL_DISTRO_NAME'])
  );
}

function openBrowser(url: string, { platform, variables }: Environment): void {
  const [program, args]: [string, string[]] = variables['BROWSER']
    ? [variables['BROWSER'], [url]]
    : platform === 'darwin'
      ? ['open', [url]]
      : platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', url]]
        : ['xdg-open', [url]];
  const child = spawn(program, args, { stdio: 'ignore', detached: true, env: variables as NodeJS.ProcessEnv });
  child.on('error', () => {});
  child.unref();
}
