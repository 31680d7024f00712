import { dollars } from '../lib/decimal.ts';
import { asText } from '../lib/json-object.ts';
import type { Catalogue } from './catalogue-cache.ts';

/** Share of a budget from which a launch says so. */
const NEARLY = 0.8;

/** A line for a launch whose caller's budget is nearly used up, or is; `undefined` where there is room. */
export function spendWarning({ recommendation }: Pick<Catalogue, 'recommendation'>): string | undefined {
  const threshold = asText(recommendation?.['effective_threshold']);
  const spent = asText(recommendation?.['current_spend']) ?? '0';
  if (threshold === undefined) return undefined;
  const share = Number(threshold) === 0 ? 1 : Number(spent) / Number(threshold);
  if (!(share >= NEARLY)) return undefined;
  const said = `${dollars(spent)} of ${dollars(threshold)}`;
  return share >= 1
    ? `Your budget is used up: ${said}. Requests are refused until it begins anew (ucode usage).`
    : `You have used ${said} of your budget (${Math.floor(share * 100)} %).`;
}
