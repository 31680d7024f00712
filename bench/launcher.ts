/**
 * `npm run bench:launcher`: how long the launcher `ucode` takes, beside `node -e 0` and beside the agent by itself.
 *   npm run bench:launcher -- --rounds 30
 * Every round does each thing once, in turn; figures are medians. A bare home, a gateway on loopback, agents that end at
 * once, sign-in in a file. Prints Markdown.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startGateway } from '../test/support/gateway-process.ts';
import { openLaptop, ucodeBinary } from '../test/support/laptop.ts';
import { repositoryRoot } from '../test/support/repository.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const rounds = Number(values.rounds);
/** Says when it began to run, microseconds since 1970, and ends. */
const AGENT = '#!/bin/bash\n[ "$1" = --version ] && { echo 1.0.0; exit; }\necho "$EPOCHREALTIME"\n';
/** Agents that the configuration is timed with; the first gets its token by a helper, the second through the proxy. */
const AGENTS = ['codex', 'opencode', 'claude', 'gemini', 'copilot', 'pi'];

interface Aim {
  readonly what: string;
  /** One measurement, milliseconds. */
  measure(): number;
  /** What it is compared with: the name of another one. */
  readonly beside?: string;
  readonly aim?: string;
}

execFileSync(process.execPath, [path.join(repositoryRoot, 'scripts', 'build.mjs')]);
const gateway = await startGateway();
const laptop = openLaptop();
try {
  for (const name of AGENTS) laptop.program(name, { script: AGENT });
  await laptop.signIn(gateway);
  const env = { ...laptop.env, UCODE_CREDENTIALS: 'file' };
  const run = (argv: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync(argv[0] ?? '', argv.slice(1), { env, cwd: laptop.work });
    if (status !== 0) throw new Error(`${argv.join(' ')}: ${String(stderr)}`);
    return String(stdout);
  };
  const whole = (...argv: readonly string[]) => {
    const before = performance.now();
    run(argv);
    return performance.now() - before;
  };
  /** Until the agent runs. */
  const untilAgent = (...argv: readonly string[]) => {
    const before = Date.now();
    return Number(run(argv).trim().split('\n').at(-1)) * 1_000 - before;
  };
  const ucode = [process.execPath, ucodeBinary];
  const configure = [...ucode, 'configure', '--agents', AGENTS.join(','), '--skip-validate'];
  run(configure);
  const direct = path.join(laptop.bin, 'codex');
  const all: Aim[] = [
    { what: 'node -e 0', measure: () => whole(process.execPath, '-e', '0') },
    {
      what: 'ucode --version',
      measure: () => whole(...ucode, '--version'),
      beside: 'node -e 0',
      aim: '< 60 ms, < 1.5x',
    },
    {
      what: 'ucode auth-token',
      measure: () => whole(...ucode, 'auth-token', '--host', gateway.url),
      beside: 'node -e 0',
      aim: '< 60 ms, < 1.5x',
    },
    { what: 'an agent by itself, until it runs', measure: () => untilAgent(direct) },
    ...AGENTS.slice(0, 2).map((name, at) => ({
      what: `ucode ${name}, until it runs (${at === 0 ? 'helper' : 'loopback proxy'})`,
      measure: () => untilAgent(...ucode, name),
      beside: 'an agent by itself, until it runs',
      aim: '< 100 ms more',
    })),
    {
      what: `ucode configure of ${AGENTS.length}, without trying them`,
      measure: () => whole(...configure),
      aim: '< 2 s',
    },
  ];
  for (const { measure } of all) measure();
  const samples = new Map<string, number[]>(all.map(({ what }) => [what, []]));
  for (let round = 0; round < rounds; round++) for (const { what, measure } of all) samples.get(what)?.push(measure());
  const median = (what: string): number => {
    const sorted = (samples.get(what) ?? []).toSorted((left, right) => left - right);
    return sorted[Math.floor(sorted.length / 2)] ?? NaN;
  };
  console.log(
    `Node ${process.versions.node}, ${rounds} rounds, load average ${os.loadavg()[0]?.toFixed(1)} at the end.\n\n| | median ms | beside it | aim |\n| --- | ---: | ---: | --- |`,
  );
  for (const { what, beside, aim = '' } of all) {
    const more = beside === undefined ? '' : comparison(median(what), median(beside));
    console.log(`| ${what} | ${median(what).toFixed(0)} | ${more} | ${aim} |`);
  }
  const packed = execFileSync('npm', ['pack', '--dry-run', '--json'], {
    cwd: path.join(repositoryRoot, 'packages', 'cli'),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ size, unpackedSize, entryCount }] = JSON.parse(String(packed));
  console.log(
    `| the package: ${entryCount} files, ${kilobytes(size)} packed | ${kilobytes(unpackedSize)} unpacked | | < 1 MB |`,
  );
} finally {
  laptop.close();
  await gateway.stop();
}

function comparison(value: number, other: number): string {
  return `${(value / other).toFixed(2)}x, +${(value - other).toFixed(0)} ms`;
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} KB`;
}
