import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { atomicWrite } from '../files/atomic-write.ts';
import { withFileLock } from '../files/file-lock.ts';
import { asObject, parseObject } from '../lib/json-object.ts';
import { systemCode } from '../lib/system-error.ts';
import { makeDirectory } from '../files/make-directory.ts';

/** What is remembered of one workspace. No token. */
export interface WorkspaceSettings {
  /** Who is signed in, as the gateway calls them. */
  readonly userName?: string;
  /** Profile of `~/.databrickscfg` that it came from. */
  readonly profile?: string;
  /** Model chosen for an agent with `ucode configure`, by agent. */
  readonly models?: Readonly<Record<string, string>>;
  /** Provider service that an agent uses, by agent. */
  readonly providers?: Readonly<Record<string, string>>;
  /** Ids of personal access tokens that were made for an agent and are in its files, by agent. */
  readonly tokens?: Readonly<Record<string, readonly string[]>>;
  /** `catalog.schema.prefix` of the telemetry tables, where telemetry is on; of these agents, of all where none are named. */
  readonly telemetry?: { readonly tablePrefix: string; readonly agents?: readonly string[] };
}

export interface Settings {
  readonly version: 1;
  /** URL of the workspace in use. */
  readonly current?: string;
  readonly workspaces: Readonly<Record<string, WorkspaceSettings>>;
  /** Agents that were configured, by name. */
  readonly agents?: readonly string[];
}

const LOCK_TIMEOUT_MS = 10_000;
const EMPTY: Settings = { version: 1, workspaces: {} };

/** `~/.ucode/settings.json`. Changes of several runs at once are made one after the other. */
export class SettingsFile {
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** @throws Error where the file is damaged or from a newer ucode: it is never taken for empty. */
  async read(): Promise<Settings> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return EMPTY;
      throw error;
    }
    const settings = parseObject(text);
    if (settings === undefined || asObject(settings['workspaces']) === undefined) {
      throw new Error(`${this.file} is damaged. Mend it, or delete it and sign in again.`);
    }
    if (settings['version'] !== 1) {
      throw new Error(`${this.file} was written by a newer ucode. Update this one: npm install -g ucode`);
    }
    return settings as unknown as Settings;
  }

  /** @returns the settings as they then are. */
  async change(change: (settings: Settings) => Settings): Promise<Settings> {
    await makeDirectory(path.dirname(this.file));
    return withFileLock(`${this.file}.lock`, LOCK_TIMEOUT_MS, async () => {
      const before = await this.read();
      const after = change(before);
      if (after !== before) await atomicWrite(this.file, `${JSON.stringify(after, undefined, 2)}\n`, 0o600);
      return after;
    });
  }

  /** Changes what is remembered of one workspace. */
  changeWorkspace(url: string, change: (settings: WorkspaceSettings) => WorkspaceSettings): Promise<Settings> {
    return this.change((settings) => ({
      ...settings,
      workspaces: { ...settings.workspaces, [url]: change(settings.workspaces[url] ?? {}) },
    }));
  }
}
