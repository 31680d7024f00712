/**
 * A whole number of units as decimal text, never in exponent form: 1230 with 3 places is `1.23`.
 * @param units a safe whole number, not negative.
 * @param places how many digits stand after the point: one unit is 10 to the minus `places`.
 */
export function decimalText(units: number, places: number): string {
  const digits = String(units).padStart(places + 1, '0');
  const whole = digits.slice(0, -places);
  let end = digits.length;
  while (end > whole.length && digits.charCodeAt(end - 1) === ZERO) end--;
  return end === whole.length ? whole : `${whole}.${digits.slice(whole.length, end)}`;
}

const ZERO = 48;
