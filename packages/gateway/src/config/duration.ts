const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const PATTERN = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/;
/** Timers cannot wait longer than 2^31-1 ms; a day is more than any of ours needs. */
const LONGEST_MS = 24 * UNITS.h;

/** `"30s"`, `"500ms"`, `"1.5m"` as whole milliseconds; `undefined` for anything else or more than 24 hours. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = PATTERN.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const ms = Math.round(Number(amount) * UNITS[unit as keyof typeof UNITS]);
  return ms <= LONGEST_MS ? ms : undefined;
}

/** Milliseconds in the largest unit that says them exactly: 90,000 is `90s`, 60,000 is `1m`. */
export function formatDuration(ms: number): string {
  const unit = (['h', 'm', 's'] as const).find((one) => ms >= UNITS[one] && ms % UNITS[one] === 0) ?? 'ms';
  return `${ms / UNITS[unit]}${unit}`;
}
