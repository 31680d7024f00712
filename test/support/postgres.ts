import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { ended, tieToThisProcess } from './child-processes.ts';
import { findPostgres, type PostgresPrograms } from './postgres-install.ts';

const run = promisify(execFile);
const START_LIMIT_MS = 120_000;
const USER = 'gateway';
/** With characters that a URL writes as `%XX`. */
const PASSWORD = 'correct/horse@battery?staple';

/** A PostgreSQL server of this test's own, on loopback. */
export interface Postgres {
  /** `postgres://user:password@127.0.0.1:PORT/postgres` */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** The password as it is, to look for where it must not be. */
  readonly password: string;
  /** File with its self-signed certificate, of 127.0.0.1. It takes connections without TLS as well. */
  readonly certificate: string;
  /** Where its Unix socket is. */
  readonly socketDirectory: string;
  /** Makes an empty database and gives its URL. */
  createDatabase(options?: string): Promise<string>;
  /** Runs statements in a database, on a connection of their own. */
  execute(url: string, sql: string): Promise<void>;
  /** Ends the server at once, as a crash does. */
  crash(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Ends it in order and starts it again. */
  restart(): Promise<void>;
  /** Ends it and removes everything. */
  stop(): Promise<void>;
}

/**
 * Starts a PostgreSQL server with a data directory of its own, sorting text by a language, which the store must not
 * depend on. Its first call may install PostgreSQL: give it some minutes.
 */
export async function startPostgres(): Promise<Postgres> {
  const programs = await findPostgres();
  const directory = await mkdtemp(path.join(tmpdir(), 'ucode-postgres-'));
  try {
    const owner = await giveAway(directory);
    await makeCluster(programs, directory, owner);
    await makeCertificate(directory, owner);
    const server = new Server(programs, directory, owner, await freePort());
    await server.start();
    return server;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Whom the server runs as. */
interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root: another user gets the directory. */
async function giveAway(directory: string): Promise<Owner> {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: '-u' | '-g'): number => {
    for (const user of ['postgres', 'nobody']) {
      try {
        return Number(execFileSync('id', [flag, user], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
      } catch {
        continue;
      }
    }
    throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody.');
  };
  const owner = { uid: idOf('-u'), gid: idOf('-g') };
  await chown(directory, owner.uid, owner.gid);
  return owner;
}

async function makeCluster(programs: PostgresPrograms, directory: string, owner: Owner): Promise<void> {
  const passwordFile = path.join(directory, 'password');
  await writeFile(passwordFile, PASSWORD);
  await give(passwordFile, owner);
  const sorting = programs.major >= 15 ? ['--locale-provider=icu', '--icu-locale=en-US'] : [];
  const data = path.join(directory, 'data');
  const args = ['-D', data, '-U', USER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '-N'];
  await run(programs.initdb, [...args, '--locale=C.UTF-8', ...sorting], { ...owner, cwd: directory });
}

async function makeCertificate(directory: string, owner: Owner): Promise<void> {
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(directory, name)) as [
    string,
    string,
  ];
  const request = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1';
  const names = ['-addext', 'subjectAltName=IP:127.0.0.1'];
  await run('openssl', [...request.split(' '), ...names, '-keyout', key, '-out', certificate]);
  await chmod(key, 0o600);
  for (const file of [key, certificate]) await give(file, owner);
}

async function give(file: string, { uid, gid }: Owner): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(file, uid, gid);
}

class Server implements Postgres {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly password = PASSWORD;
  readonly certificate: string;
  readonly socketDirectory: string;
  readonly #programs: PostgresPrograms;
  readonly #owner: Owner;
  #child: ChildProcess | undefined;
  #databases = 0;

  constructor(programs: PostgresPrograms, directory: string, owner: Owner, port: number) {
    this.#programs = programs;
    this.socketDirectory = directory;
    this.certificate = path.join(directory, 'certificate.pem');
    this.#owner = owner;
    this.port = port;
  }

  get url(): string {
    return `postgres://${USER}:${encodeURIComponent(PASSWORD)}@${this.host}:${this.port}/postgres`;
  }

  async createDatabase(options = ''): Promise<string> {
    const name = `test_${(this.#databases += 1)}`;
    await this.execute(this.url, `CREATE DATABASE ${name} ${options}`);
    return this.url.replace(/\/postgres$/, `/${name}`);
  }

  async execute(url: string, sql: string): Promise<void> {
    const client = new Client({ connectionString: url });
    // Where the server is ended meanwhile, the statement says so.
    client.on('error', () => {});
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }

  async start(): Promise<void> {
    const settings = {
      listen_addresses: this.host,
      port: this.port,
      unix_socket_directories: this.socketDirectory,
      ssl: 'on',
      ssl_cert_file: this.certificate,
      ssl_key_file: path.join(this.socketDirectory, 'key.pem'),
      // Nothing here is to be kept.
      fsync: 'off',
      max_connections: 100,
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(this.#programs.postgres, ['-D', path.join(this.socketDirectory, 'data'), ...args], {
      ...this.#owner,
      cwd: this.socketDirectory,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    tieToThisProcess(child);
    const said: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    this.#child = child;
    const giveUp = performance.now() + START_LIMIT_MS;
    for (;;) {
      try {
        await this.execute(this.url, 'SELECT 1');
        return;
      } catch (error) {
        if (child.exitCode === null && performance.now() < giveUp) await sleep(50);
        else throw new Error(`PostgreSQL did not start.\n${Buffer.concat(said).toString()}`, { cause: error });
      }
    }
  }

  /** SIGQUIT is PostgreSQL's "immediate shutdown": no connection is answered any more, nothing is written. */
  crash(): Promise<void> {
    return this.#end('SIGQUIT');
  }

  async restart(): Promise<void> {
    await this.#end('SIGINT');
    await this.start();
  }

  async stop(): Promise<void> {
    await this.#end('SIGINT');
    await rm(this.socketDirectory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = ended(child);
    child.kill(signal);
    await gone;
  }
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
