import { GatewayError } from '../errors/gateway-error.ts';

/** A calendar month in UTC. */
export interface BillingMonth {
  /** `2026-11` */
  readonly name: string;
  /** Its first millisecond, and that of the next month, since 1970. */
  readonly from: number;
  readonly to: number;
}

/** @throws GatewayError `caller_invalid_parameter` for anything but a month up to the present one */
export function billingMonth(text: string, now: number): BillingMonth {
  const [, year, month] = /^(2\d{3})-(0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (year === undefined || month === undefined) throw invalid('has the form 2026-11');
  const from = Date.UTC(Number(year), Number(month) - 1);
  if (from > now) throw invalid('must not be in the future');
  return { name: text, from, to: Date.UTC(Number(year), Number(month)) };
}

function invalid(what: string): GatewayError {
  return new GatewayError('caller_invalid_parameter', `The month ${what}.`, { param: 'month' });
}
