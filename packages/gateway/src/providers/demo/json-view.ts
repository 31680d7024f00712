// Looking into a caller's JSON without trusting its shape.

/** Whether this is a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The array, or an empty one. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of an array. */
export function records(value: unknown): readonly Record<string, unknown>[] {
  return list(value).filter(isRecord);
}

/** The value at a path of property names, or `undefined`. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const name of path) here = isRecord(here) ? here[name] : undefined;
  return here;
}

/** The string, or `undefined`. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Text of a message's content: a string, or its parts that have a `text`, one a line. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  return records(content)
    .map((part) => text(part.text))
    .filter((part) => part !== undefined)
    .join('\n');
}
