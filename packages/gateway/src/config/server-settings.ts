import { homedir } from 'node:os';
import path from 'node:path';
import { defaultDataDirectory } from './data-directory.ts';
import type { ServerConfig } from './gateway-config.ts';
import type { ConfigProblem } from './problems.ts';
import type { ConfigFile } from './schema.ts';

/** What may be said on the command line. */
export interface ServerSettings {
  readonly data?: string;
  readonly host?: string;
  readonly port?: number;
}

interface Sources {
  readonly options: ServerSettings & { readonly env: Readonly<Record<string, string | undefined>> };
  /** Where relative paths of the file start. */
  readonly directory: string;
}

interface ServerResult {
  readonly server: ServerConfig;
  /** By key (`server.port`): `file`, `default`, or the flag or variable. */
  readonly origins: ReadonlyMap<string, string>;
  /** Variables that were used. */
  readonly variables: readonly string[];
  readonly problems: readonly ConfigProblem[];
}

/**
 * The server's settings: flag, else environment variable, else file, else default.
 * @param written the section as the file has it, to tell a default from what was written
 */
export function readServer(
  file: ConfigFile['server'],
  written: unknown,
  { options, directory }: Sources,
): ServerResult {
  const { env } = options;
  const isWritten = (key: string): boolean =>
    typeof written === 'object' && written !== null && Object.hasOwn(written, key);
  const origins = new Map(Object.keys(file).map((key) => [`server.${key}`, isWritten(key) ? 'file' : 'default']));
  const variables: string[] = [];
  const problems: ConfigProblem[] = [];

  /** What the flag or the variable says, noting where it is from. */
  const override = (key: 'data' | 'host' | 'port'): string | undefined => {
    const flag = options[key];
    const name = `UCODE_GATEWAY_${key.toUpperCase()}`;
    const value = flag === undefined ? env[name] || undefined : String(flag);
    if (flag !== undefined) origins.set(`server.${key}`, `--${key}`);
    else if (value !== undefined) {
      origins.set(`server.${key}`, name);
      variables.push(name);
    }
    return value;
  };

  const host = override('host') ?? file.host;
  const portText = override('port');
  const port = portText === undefined ? file.port : Number(portText);
  if (portText !== undefined && !(/^\d{1,5}$/.test(portText) && port <= 65_535)) {
    problems.push({
      file: options.port === undefined ? 'environment' : 'command line',
      line: undefined,
      column: undefined,
      key: origins.get('server.port') ?? 'port',
      message: 'not a port',
      cure: 'Give a number from 0 to 65535; 0 takes any free port',
    });
  }
  const data = override('data');
  if (data === undefined && file.data === undefined) origins.set('server.data', 'default');
  const dataDirectory =
    data !== undefined
      ? path.resolve(withHome(data, env))
      : file.data !== undefined
        ? path.resolve(directory, withHome(file.data, env))
        : defaultDataDirectory(env);

  const server: ServerConfig = {
    host,
    port,
    publicUrl: file.public_url,
    trustedProxies: file.trusted_proxies,
    dataDirectory,
    shutdownGraceMs: file.shutdown_grace,
    maxBodyBytes: file.max_body_bytes,
    clientTimeoutMs: file.client_timeout,
    firstByteTimeoutMs: file.first_byte_timeout,
    idleTimeoutMs: file.idle_timeout,
    keepaliveMs: file.keepalive_interval,
    maxAttempts: file.max_attempts,
    maxRetryAfterMs: file.max_retry_after,
    allowedPrivateNetworks: file.allowed_private_networks,
    spoolMaxBytes: file.spool_max_bytes,
    logLevel: file.log_level,
    workspaceId: file.workspace_id,
  };
  return { server, origins, variables, problems };
}

/** `~/x` as a shell would read it: files and variables do not pass through one. */
function withHome(directory: string, env: Readonly<Record<string, string | undefined>>): string {
  return directory.replace(/^~(?=$|[/\\])/, () => env['HOME'] || env['USERPROFILE'] || homedir());
}
