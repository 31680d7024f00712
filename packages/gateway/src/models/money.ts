import { Big } from 'big.js';

/** Billionths of a dollar in a dollar: what live counts are kept in. */
const NANO = new Big(1_000_000_000);
/** Most dollars whose nano-dollars are still exact whole numbers. */
export const MOST_COUNTED_DOLLARS = 9_000_000;

/** Amounts below a million dollars, as they mostly are. */
const PLAIN = /^(\d{1,6})(?:\.(\d+))?$/;

/** Sum of amounts: exact decimal text, never in exponent form. */
export function sumMoney(amounts: Iterable<string>): string {
  let sum = new Big(0);
  for (const amount of amounts) sum = sum.plus(amount);
  return sum.toFixed();
}

/** What is left of `limit`, at least `0`. Exact decimal text. */
export function remainingMoney(limit: string, spent: string): string {
  const rest = new Big(limit).minus(spent);
  return rest.lt(0) ? '0' : rest.toFixed();
}

/** Negative, 0 or positive, as `left` is less, as much or more. */
export function compareMoney(left: string, right: string): number {
  return new Big(left).cmp(right);
}

/** Dollars as whole nano-dollars, rounded up, so that what costs anything counts. At most `MOST_COUNTED_DOLLARS`. */
export function toNanoDollars(dollars: string): number {
  const [, whole, fraction = ''] = PLAIN.exec(dollars) ?? [];
  if (whole !== undefined) {
    const more = /[1-9]/.test(fraction.slice(9)) ? 1 : 0;
    return Number(whole) * 1_000_000_000 + Number(fraction.slice(0, 9).padEnd(9, '0')) + more;
  }
  const nano = new Big(dollars).times(NANO).round(0, Big.roundUp);
  const most = MOST_COUNTED_DOLLARS * 1_000_000_000;
  return nano.gt(most) ? most : Math.max(0, Number(nano.toFixed()));
}

/** Whole nano-dollars as exact dollars. */
export function fromNanoDollars(nano: number): string {
  return new Big(nano).div(NANO).toFixed();
}

/** For people: `$12.30`, `$0.0042`; two decimals, more where the amount is below a cent, the last one rounded. */
export function formatDollars(dollars: string): string {
  const amount = new Big(dollars);
  const small = amount.gt(0) && amount.lt('0.01');
  return `$${small ? amount.prec(2).toFixed() : amount.toFixed(2)}`;
}
