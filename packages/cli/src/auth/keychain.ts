import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { parseObject } from '../lib/json-object.ts';
import { printable } from '../lib/printable.ts';
import { withoutSecrets } from '../lib/without-secrets.ts';
import type { Environment } from '../platform/environment.ts';
import { credentialOf, type Credential, type CredentialStore } from './token.ts';

const SERVICE = 'ucode';
/** A keychain that asks somebody to unlock it may take its time; one that hangs may not. */
const TIMEOUT_MS = 30_000;

/** How one system's keychain is used through its own command; secrets go through standard input. */
interface KeychainCommands {
  readonly program: string;
  readonly get: (account: string) => readonly string[];
  readonly set: (account: string, secret: string) => { readonly args: readonly string[]; readonly input: string };
  readonly delete: (account: string) => readonly string[];
  /** Longest text that it reads whole. */
  readonly longestInput?: number;
  /** Whether it failed because it has nothing under that name. */
  readonly hasNone: (ended: Ended) => boolean;
}

interface Ended {
  /** `null`: it had to be stopped. */
  readonly status: number | null;
  readonly output: string;
  readonly complaint: string;
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
    longestInput: 4_095,
    hasNone: ({ status }) => status === 44,
  },
  linux: {
    program: 'secret-tool',
    get: (account) => ['lookup', 'service', SERVICE, 'account', account],
    set: (account, secret) => ({
      args: ['store', '--label', `ucode ${account}`, 'service', SERVICE, 'account', account],
      input: secret,
    }),
    delete: (account) => ['clear', 'service', SERVICE, 'account', account],
    hasNone: ({ status, complaint }) => status === 1 && complaint.trim() === '',
  },
};

/** The keychain is there, but did not do what it was asked. */
export class KeychainFailed extends Error {
  override readonly name = 'KeychainFailed';

  constructor(why: string) {
    super(`The keychain cannot be used: ${why}. Unlock it, or keep sign-ins in a file with UCODE_CREDENTIALS=file.`);
  }
}

/**
 * The keychain of this system, if its command is there and, on Linux, a session bus to reach it.
 * @param timeoutMs how long one of its commands may take.
 */
export async function findKeychain(
  environment: Environment,
  timeoutMs = TIMEOUT_MS,
): Promise<CredentialStore | undefined> {
  const known = commands[environment.platform];
  if (!known || (environment.platform === 'linux' && !environment.variables['DBUS_SESSION_BUS_ADDRESS']))
    return undefined;
  const program = await find(known.program, environment);
  return program === undefined ? undefined : new Keychain(program, known, environment, timeoutMs);
}

/** Every method throws KeychainFailed where the keychain is locked, hangs or is broken. */
class Keychain implements CredentialStore {
  readonly place = 'keychain';
  readonly #program: string;
  readonly #commands: KeychainCommands;
  readonly #environment: Environment;
  readonly #timeoutMs: number;

  constructor(program: string, known: KeychainCommands, environment: Environment, timeoutMs: number) {
    this.#program = program;
    this.#commands = known;
    this.#environment = environment;
    this.#timeoutMs = timeoutMs;
  }

  async get(workspaceUrl: string): Promise<Credential | undefined> {
    const ended = await this.#run(this.#commands.get(workspaceUrl), '');
    if (this.#commands.hasNone(ended)) return undefined;
    const text = this.#done(ended).trim();
    // macOS prints what is not plain text in hex.
    const plain = /^(?:[0-9a-f]{2})+$/i.test(text) ? Buffer.from(text, 'hex').toString('utf8') : text;
    return credentialOf(parseObject(plain));
  }

  async set(workspaceUrl: string, credential: Credential): Promise<void> {
    const { args, input } = this.#commands.set(workspaceUrl, JSON.stringify(credential));
    if (input.length > (this.#commands.longestInput ?? Infinity))
      throw new KeychainFailed('the tokens are too long for it');
    this.#done(await this.#run(args, input));
  }

  async delete(workspaceUrl: string): Promise<void> {
    const ended = await this.#run(this.#commands.delete(workspaceUrl), '');
    if (!this.#commands.hasNone(ended)) this.#done(ended);
  }

  /** Its output, if it succeeded. */
  #done({ status, output, complaint }: Ended): string {
    if (status === 0) return output;
    if (status === null) throw new KeychainFailed(`it did not answer within ${this.#timeoutMs / 1000} s`);
    const said = withoutSecrets(printable(complaint.trim().replace(/\s+/g, ' '), 200));
    throw new KeychainFailed(said === '' ? `${path.basename(this.#program)} ended with status ${status}` : said);
  }

  #run(args: readonly string[], input: string): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.#program, args, {
        env: this.#environment.variables as NodeJS.ProcessEnv,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let output = '';
      let complaint = '';
      const end = (status: number | null): void => {
        clearTimeout(timer);
        // What it started itself may hold its output open.
        for (const stream of [child.stdout, child.stderr]) stream.destroy();
        resolve({ status, output, complaint });
      };
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        end(null);
      }, this.#timeoutMs);
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
      child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString('utf8')));
      child.once('error', (error) => {
        clearTimeout(timer);
        reject(new KeychainFailed(error.message));
      });
      child.once('close', (status) => end(status ?? 1));
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
