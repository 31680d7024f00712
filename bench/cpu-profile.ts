import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { functionName: string; url: string } }[];
  readonly samples: readonly number[];
}

/** Where the newest `--cpu-prof` file of a directory says the busy time went: by place, then by function. Markdown. */
export function summariseProfile(directory: string): string {
  const file = readdirSync(directory)
    .filter((name) => name.endsWith('.cpuprofile'))
    .sort()
    .at(-1);
  if (!file) return 'No profile was written.';
  const profile = JSON.parse(readFileSync(path.join(directory, file), 'utf8')) as CpuProfile;
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const places = new Map<string, number>();
  const functions = new Map<string, number>();
  let busy = 0;
  for (const id of profile.samples) {
    const frame = frames.get(id);
    if (!frame || frame.functionName === '(idle)') continue;
    busy += 1;
    count(places, placeOf(frame));
    count(functions, `${frame.functionName || '(anonymous)'} (${path.basename(frame.url) || 'native'})`);
  }
  const table = (title: string, counts: Map<string, number>, rows: number) => [
    `| ${title} | share |`,
    '| --- | ---: |',
    ...[...counts]
      .sort((a, b) => b[1] - a[1])
      .slice(0, rows)
      .map(([name, samples]) => `| ${name} | ${((samples / busy) * 100).toFixed(1)} % |`),
  ];
  return [...table('where', places, 8), '', ...table('function', functions, 25)].join('\n');
}

function placeOf({ functionName, url }: { functionName: string; url: string }): string {
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
  return library ?? 'the gateway itself';
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
