import { Big } from 'big.js';

/** An amount to the cent, half a cent up: `12.345` is `12.35`. */
export function toCents(amount: Big): string {
  return amount.round(2, Big.roundHalfUp).toFixed(2);
}

/**
 * Rounds parts to the cent so that they add up to their rounded sum: each is rounded down, and the cents that are then
 * missing go to those that lost most (largest remainder; of equal ones to the first).
 * @param parts not negative.
 */
export function shareCents(parts: readonly Big[]): string[] {
  const floors = parts.map((part) => part.round(2, Big.roundDown));
  const sum = add(parts);
  let missing = Number(sum.round(2, Big.roundHalfUp).minus(add(floors)).times(100).toFixed(0));
  const order = parts.map((part, at) => ({ at, lost: part.minus(floors[at]!) }));
  order.sort((left, right) => right.lost.cmp(left.lost) || left.at - right.at);
  const rounded = [...floors];
  for (const { at } of order) {
    if (missing === 0) break;
    rounded[at] = rounded[at]!.plus('0.01');
    missing -= 1;
  }
  return rounded.map((part) => part.toFixed(2));
}

function add(parts: readonly Big[]): Big {
  return parts.reduce((sum, part) => sum.plus(part), new Big(0));
}
