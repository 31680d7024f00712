import path from 'node:path';
import { openCredentials } from '../auth/open-credentials.ts';
import { environmentTokens } from '../auth/environment-tokens.ts';
import type { CredentialStore, TokenSource } from '../auth/token.ts';
import { WorkspaceTokens } from '../auth/workspace-tokens.ts';
import { Journal } from '../files/journal.ts';
import type { Environment } from '../platform/environment.ts';
import { Transport } from '../platform/transport.ts';
import { SettingsFile } from '../setup/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { WorkspaceClient } from '../workspace/client.ts';
import { HttpWorkspaceClient } from '../workspace/workspace-client.ts';
import { version } from '../lib/version.ts';

/** What every command works with. Parts are made when they are first asked for. */
export class Context {
  readonly environment: Environment;
  readonly terminal: Terminal;
  readonly settings: SettingsFile;
  readonly journal: Journal;
  #transport: Transport | undefined;
  #credentials: Promise<CredentialStore> | undefined;
  /** What the process ends with where nothing failed. */
  exitCode: number = 0;

  constructor(environment: Environment, terminal: Terminal) {
    this.environment = environment;
    this.terminal = terminal;
    this.settings = new SettingsFile(path.join(environment.ucodeHome, 'settings.json'));
    this.journal = new Journal(path.join(environment.ucodeHome, 'journal'));
  }

  get transport(): Transport {
    return (this.#transport ??= new Transport(this.environment));
  }

  get credentials(): Promise<CredentialStore> {
    return (this.#credentials ??= openCredentials(this.environment));
  }

  /** Tokens for a workspace: of the environment where it names some, else of who has signed in. */
  async tokens(workspaceUrl: string): Promise<TokenSource> {
    const fromEnvironment = environmentTokens(workspaceUrl, this.environment, this.transport);
    if (fromEnvironment) return fromEnvironment;
    return new WorkspaceTokens({
      workspaceUrl,
      credentials: await this.credentials,
      transport: this.transport,
      lockFile: path.join(this.environment.ucodeHome, 'locks', `${encodeURIComponent(workspaceUrl)}.lock`),
    });
  }

  /** @param as whose tokens; of who has signed in where left out. */
  async client(workspaceUrl: string, as?: TokenSource): Promise<WorkspaceClient> {
    const tokens = as ?? (await this.tokens(workspaceUrl));
    return new HttpWorkspaceClient({
      url: workspaceUrl,
      tokens,
      transport: this.transport,
      userAgent: `ucode/${version}`,
    });
  }

  close(): void {
    this.#transport?.close();
  }
}
