import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { parseObject } from '../lib/json-object.ts';
import type { Environment } from '../platform/environment.ts';
import type { Credential, CredentialStore } from './token.ts';

const SERVICE = 'ucode';
/** A keychain that asks somebody to unlock it may take its time; one that hangs may not. */
const TIMEOUT_MS = 30_000;

/** How one system's keychain is used through its own command; secrets go through standard input. */
interface KeychainCommands {
  readonly program: string;
  readonly get: (account: string) => readonly string[];
  readonly set: (account: string, secret: string) => { readonly args: readonly string[]; readonly input: string };
  readonly delete: (account: string) => readonly string[];
}

const commands: Readonly<Partial<Record<Environment['platform'], KeychainCommands>>> = {
  darwin: {
    program: '/usr/bin/security',
    get: (account) => ['find-generic-password', '-s', SERVICE, '-a', account, '-w'],
    // In interactive mode the command is read from standard input, so that no secret is among the arguments.
    set: (account, secret) => ({
      args: ['-i'],
      input: `add-generic-password -U -s ${SERVICE} -a "${account}" -X ${Buffer.from(secret).toString('hex')}\n`,
    }),
    delete: (account) => ['delete-generic-password', '-s', SERVICE, '-a', account],
  },
  linux: {
    program: 'secret-tool',
    get: (account) => ['lookup', 'service', SERVICE, 'account', account],
    set: (account, secret) => ({
      args: ['store', '--label', `ucode ${account}`, 'service', SERVICE, 'account', account],
      input: secret,
    }),
    delete: (account) => ['clear', 'service', SERVICE, 'account', account],
  },
};

/** The keychain of this system, if its command is there and, on Linux, a session bus to reach it. */
export async function findKeychain(environment: Environment): Promise<CredentialStore | undefined> {
  const known = commands[environment.platform];
  if (!known || (environment.platform === 'linux' && !environment.variables['DBUS_SESSION_BUS_ADDRESS']))
    return undefined;
  const program = await find(known.program, environment);
  return program === undefined ? undefined : new Keychain(program, known, environment);
}

class Keychain implements CredentialStore {
  readonly place = 'keychain';
  readonly #program: string;
  readonly #commands: KeychainCommands;
  readonly #environment: Environment;

  constructor(program: string, known: KeychainCommands, environment: Environment) {
    this.#program = program;
    this.#commands = known;
    this.#environment = environment;
  }

  async get(workspaceUrl: string): Promise<Credential | undefined> {
    const { status, output } = await this.#run(this.#commands.get(workspaceUrl), '');
    if (status !== 0 || output.trim() === '') return undefined;
    const text = output.trim();
    // macOS prints what is not plain text in hex.
    const plain = /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex').toString('utf8') : text;
    return parseObject(plain) as Credential | undefined;
  }

  async set(workspaceUrl: string, credential: Credential): Promise<void> {
    const { args, input } = this.#commands.set(workspaceUrl, JSON.stringify(credential));
    const { status, output } = await this.#run(args, input);
    if (status !== 0) {
      throw new Error(
        `The keychain did not take the sign-in: ${output.trim() || `status ${status}`}. UCODE_CREDENTIALS=file keeps it in a file instead.`,
      );
    }
  }

  async delete(workspaceUrl: string): Promise<void> {
    await this.#run(this.#commands.delete(workspaceUrl), '');
  }

  #run(args: readonly string[], input: string): Promise<{ status: number | null; output: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#program, args, {
        env: this.#environment.variables as NodeJS.ProcessEnv,
        stdio: ['pipe', 'pipe', 'pipe'],
        timeout: TIMEOUT_MS,
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
      child.once('error', reject);
      child.once('close', (status) => resolve({ status, output }));
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    });
  }
}

async function find(program: string, { variables }: Environment): Promise<string | undefined> {
  const places = path.isAbsolute(program)
    ? [program]
    : (variables['PATH'] ?? '')
        .split(path.delimiter)
        .filter((place) => place !== '')
        .map((place) => path.join(place, program));
  for (const place of places) {
    const found = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return place;
  }
  return undefined;
}
