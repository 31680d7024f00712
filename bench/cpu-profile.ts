import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] }[];
  readonly samples: readonly number[];
}

/**
 * Where the busy time of the gateway went, by the `--cpu-prof` files of a directory: by place, then by function. Markdown.
 * Its child processes write files, too; the one that serves HTTP has the largest.
 */
export function summariseProfile(directory: string): string {
  const file = readdirSync(directory)
    .filter((name) => name.endsWith('.cpuprofile'))
    .sort((one, other) => statSync(path.join(directory, one)).size - statSync(path.join(directory, other)).size)
    .at(-1);
  if (!file) return 'No profile was written.';
  const profile = JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as CpuProfile;
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const places = new Map<string, number>();
  const functions = new Map<string, number>();
  const under = new Map<string, number>();
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id])));
  let busy = 0;
  for (const id of profile.samples) {
    const frame = frames.get(id);
    if (!frame || frame.functionName === '(idle)') continue;
    busy += 1;
    count(places, placeOf(frame));
    for (const name of callersOf(id, frames, parents)) count(under, name);
    count(
      functions,
      `${frame.functionName || '(anonymous)'} (${sourceOf(frame) ?? (path.basename(frame.url) || 'native')})`,
    );
  }
  const table = (title: string, counts: Map<string, number>, rows: number) => [
    `| ${title} | share |`,
    '| --- | ---: |',
    ...[...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, rows)
      .map(([name, samples]) => `| ${name} | ${((samples / busy) * 100).toFixed(1)} % |`),
  ];
  return [
    ...table('where', places, 14),
    '',
    ...table('function', functions, 25),
    '',
    ...table('function of the gateway, with what it calls', under, 30),
  ].join('\n');
}

function placeOf(frame: Frame): string {
  const { functionName, url } = frame;
  if (functionName === '(garbage collector)') return 'garbage collector';
  if (functionName === '(program)') return 'native code and kernel, not in JavaScript';
  if (url === '') return 'V8 and Node built-ins';
  if (url.startsWith('node:'))
    return `Node: ${url
      .slice(5)
      .split('/')
      .slice(0, 2)
      .join('/')
      .replace(/^internal$/, url)}`;
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  return library ?? `the gateway: ${sourceOf(frame)?.split('/')[0] ?? 'elsewhere'}`;
}

/** The gateway's own functions that a sample was taken in or below, each once. */
function callersOf(id: number, frames: ReadonlyMap<number, Frame>, parents: ReadonlyMap<number, number>): Set<string> {
  const names = new Set<string>();
  for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
    const frame = frames.get(at);
    const source = frame && sourceOf(frame);
    if (source) names.add(`${frame.functionName || '(anonymous)'} (${source})`);
  }
  return names;
}

const bundles = new Map<string, readonly string[]>();

/** The source file of a frame in our bundle, below `packages/gateway/src/`: the bundler names each in a comment before it. */
function sourceOf({ url, lineNumber }: Frame): string | undefined {
  if (!url.startsWith('file:') || !url.includes('/packages/gateway/dist/')) return undefined;
  const lines = bundles.get(url) ?? readFileSync(fileURLToPath(url), 'utf8').split('\n');
  bundles.set(url, lines);
  for (let line = lineNumber; line >= 0; line -= 1) {
    const source = /^\/\/ (?:packages\/gateway\/)?src\/(.+)$/.exec(lines[line] ?? '')?.[1];
    if (source) return source;
  }
  return undefined;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
