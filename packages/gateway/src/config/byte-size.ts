const UNITS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
const PATTERN = /^(\d{1,12})(B|KiB|MiB|GiB|TiB)$/;

/** `"64MiB"` as bytes; `undefined` for anything that is not a whole number with a binary unit. */
export function parseByteSize(text: string): number | undefined {
  const [, amount, unit] = PATTERN.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const bytes = Number(amount) * UNITS[unit as keyof typeof UNITS];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** Bytes in the largest unit that says them exactly: 67,108,864 is `64MiB`. */
export function formatByteSize(bytes: number): string {
  const units = ['TiB', 'GiB', 'MiB', 'KiB', 'B'] as const;
  const unit = units.find((one) => bytes >= UNITS[one] && bytes % UNITS[one] === 0) ?? 'B';
  return `${bytes / UNITS[unit]}${unit}`;
}
