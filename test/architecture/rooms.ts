/**
 * The rooms of the gateway in order: a room imports only itself and rooms above it. `design` of the
 * order: pure things first, what does I/O last. New rooms are added here, in their place.
 */
export const rooms = [
  'lib',
  'errors',
  'ir',
  'framing',
  'dialects',
  'models',
  'providers',
  'config',
  'state',
  'audit',
  'lake',
  'unity',
  'identity',
  'governance',
  'usage',
  'otel',
  'sql',
  'invoices',
  'upstream',
  'inference',
  'mcp',
  'http',
] as const;

/** What assembles the rooms: may import all of them, and no room may import it. */
export const rim = ['main.ts', 'gateway.ts', 'commands', 'processes'] as const;

/** Rooms whose sub-folders are siblings that must not know each other. A registry file beside them may. */
export const siblingRooms = ['dialects', 'providers'] as const;

/** Longest source file, in lines. */
export const longestFile = 500;

/** One source file: `path` is relative to `packages/gateway/src`, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const importPattern =
  /(?:^|[^\w$.'"`])(?:import|export)\s+(?:type\s+)?(?:[\w$*\s{},]*?\sfrom\s*)?['"](?<from>[^'"\n]+)['"]|\bimport\s*\(\s*['"](?<dynamic>[^'"\n]+)['"]/g;

/** Specifiers of all static imports, re-exports and dynamic imports in a file. Comments do not count. */
export function importsOf(text: string): string[] {
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  return [...code.matchAll(importPattern)].map((match) => match.groups?.['from'] ?? match.groups?.['dynamic'] ?? '');
}

/** Every breach of the room order, one readable line each; empty when the order holds. */
export function violations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => [
    ...unknownRoom(file),
    ...importsOf(file.text)
      .filter((specifier) => specifier.startsWith('.'))
      .flatMap((specifier) => breach(file.path, resolve(file.path, specifier))),
  ]);
}

/** Files longer than `longestFile`, one readable line each. */
export function tooLong(files: readonly SourceFile[]): string[] {
  return files
    .map((file) => ({ path: file.path, lines: file.text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > longestFile)
    .map(({ path, lines }) => `${path}: ${lines} lines, more than ${longestFile}`);
}

function unknownRoom({ path }: SourceFile): string[] {
  return isRim(path) || rank(path) >= 0 ? [] : [`${path}: lies in no room`];
}

function breach(from: string, to: string): string[] {
  if (isRim(from) && to === '../package.json') return [];
  if (to.startsWith('../')) return [`${from}: imports ${to}, outside of src`];
  if (isRim(from)) return [];
  if (isRim(to)) return [`${from}: imports ${to}; only the rim may`];
  const [room, part] = from.split('/');
  const [otherRoom, otherPart] = to.split('/');
  if (room !== otherRoom) {
    return rank(to) >= 0 && rank(to) < rank(from) ? [] : [`${from}: imports ${to}, a room that is not above`];
  }
  const inSiblings = (siblingRooms as readonly string[]).includes(room ?? '');
  const bothInFolders = from.split('/').length > 2 && to.split('/').length > 2;
  return inSiblings && bothInFolders && part !== otherPart ? [`${from}: imports its sibling ${to}`] : [];
}

function isRim(path: string): boolean {
  return (rim as readonly string[]).includes(path.split('/')[0] ?? '');
}

function rank(path: string): number {
  return (rooms as readonly string[]).indexOf(path.split('/')[0] ?? '');
}

/** Path that `specifier` in `from` means, relative to src, without touching the disk. */
function resolve(from: string, specifier: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const segment of specifier.split('/')) {
    if (segment === '.') continue;
    if (segment === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else parts.push(segment);
  }
  return parts.join('/');
}
