/** Digits after the point that sums of money are kept with. */
const SCALE = 12;

/** The sum of exact decimal texts, as text; what is no number counts as nothing. */
export function sumDecimals(amounts: readonly string[]): string {
  return textOf(amounts.reduce((sum, amount) => sum + scaled(amount), 0n));
}

/** An amount for people: `$1.23`, `$0.0042` below a cent. */
export function dollars(amount: string): string {
  const value = Number(amount);
  const digits = value !== 0 && Math.abs(value) < 0.01 ? 4 : 2;
  return `$${value.toFixed(digits)}`;
}

function scaled(amount: string): bigint {
  const [, sign, whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount.trim()) ?? [];
  const units = BigInt(whole + fraction.slice(0, SCALE).padEnd(SCALE, '0'));
  return sign === '-' ? -units : units;
}

function textOf(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(SCALE + 1, '0');
  const fraction = digits.slice(-SCALE).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${digits.slice(0, -SCALE)}${fraction === '' ? '' : `.${fraction}`}`;
}
