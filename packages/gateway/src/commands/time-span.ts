const unitSeconds = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 } as const;

/**
 * Seconds of a duration such as `90d`, `12h` or `30m`.
 * @throws Error naming the option and the forms it takes.
 */
export function parseTimeSpan(text: string, option: string): number {
  const match = /^(\d{1,9})([smhdw])$/.exec(text);
  const seconds = match === null ? 0 : Number(match[1]) * unitSeconds[match[2] as keyof typeof unitSeconds];
  if (seconds > 0) return seconds;
  throw new Error(`${option} ${text} is not a duration: give a number and s, m, h, d or w, such as 90d or 12h.`);
}
