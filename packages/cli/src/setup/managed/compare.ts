import { publishable, publishedFields, type Definition } from './definition.ts';

/** One difference between what is published and what is to be. */
export interface Difference {
  readonly kind: 'ADD' | 'CHANGE' | 'DELETE';
  /** `enabled_agents[CODING_AGENT_CODEX].config.model_config.codex.default_model`. */
  readonly place: string;
  readonly before?: string;
  readonly after?: string;
}

/** Every difference, in the order of the fields; none where both say the same. @param before `undefined`: nothing is published. */
export function compareDefinitions(before: Definition | undefined, after: Definition): Difference[] {
  const old = flatten(publishable(before ?? {}));
  const wanted = flatten(publishable(after));
  const places = [...new Set([...old.keys(), ...wanted.keys()])].toSorted(byField);
  return places.flatMap((place): Difference[] => {
    const [was, is] = [old.get(place), wanted.get(place)];
    if (was === is) return [];
    if (was === undefined) return [{ kind: 'ADD', place, ...(is === undefined ? {} : { after: is }) }];
    if (is === undefined) return [{ kind: 'DELETE', place, before: was }];
    return [{ kind: 'CHANGE', place, before: was, after: is }];
  });
}

/** A difference as a line. */
export function differenceLine({ kind, place, before, after }: Difference): string {
  const value = [before, after].filter((text) => text !== undefined).join(' -> ');
  return `${kind.padEnd(6)}  ${place} = ${value}`;
}

function byField(left: string, right: string): number {
  const fieldOf = (place: string): number => publishedFields.findIndex((field) => place.startsWith(field));
  return fieldOf(left) - fieldOf(right);
}

/** Every value with its place. Entries of lists are called by what names them, so that an insertion changes nothing else. */
function flatten(value: unknown, place = '', found = new Map<string, string>()): Map<string, string> {
  if (Array.isArray(value)) {
    if (value.length === 0) found.set(place, '[]');
    for (const [at, entry] of value.entries()) flatten(entry, `${place}[${nameOf(entry) ?? at}]`, found);
  } else if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null);
    if (entries.length === 0 && place !== '') found.set(place, '{}');
    for (const [key, inner] of entries) flatten(inner, place === '' ? key : `${place}.${key}`, found);
  } else found.set(place, JSON.stringify(value));
  return found;
}

function nameOf(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { agent, name, spending_percentage: share } = entry as Record<string, unknown>;
  if (typeof agent === 'string') return agent;
  if (typeof name === 'string') return name;
  return typeof share === 'number' ? `${share * 100} %` : undefined;
}
