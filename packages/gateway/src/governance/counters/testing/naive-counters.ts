import type { Charge, ChargeGroup, Correction, Decision, Reading } from '../counters.ts';

type Key = Pick<Charge, 'key' | 'window'>;

/** The counters as slowly and plainly as possible: everything ever counted, by slot, added up anew each time. */
export class NaiveCounters {
  /** Every admission as it was, never corrected: what laws are checked on. */
  readonly admitted: { readonly id: string; readonly at: number; readonly amount: number }[] = [];
  readonly #log = new Map<string, { readonly slot: number; amount: number }[]>();

  reserve(groups: readonly ChargeGroup[], now: number): Decision {
    const charges = groups.flatMap(({ anyOf }) => anyOf);
    const more = (id: string): number =>
      charges.filter((charge) => idOf(charge) === id).reduce((sum, { amount }) => sum + amount, 0);
    const after = (charge: Charge, at: number): number =>
      this.#inWindow(charge, at).reduce((sum, { amount }) => sum + amount, 0) + Math.max(1, more(idOf(charge)));
    const refusedBy = groups.findIndex(({ anyOf }) => anyOf.every((charge) => after(charge, now) > charge.limit));
    if (refusedBy < 0) {
      for (const charge of charges) {
        this.#add(charge, charge.amount, now);
        this.admitted.push({ id: idOf(charge), at: now, amount: charge.amount });
      }
      return { admitted: true, readings: charges.map((charge) => this.read(charge, now)) };
    }
    const waits = (groups[refusedBy]?.anyOf ?? []).map((charge) => {
      if (Math.max(1, more(idOf(charge))) > charge.limit) return Infinity;
      if (charge.window.kind === 'calendar') return Math.max(1, charge.window.endsAt - now);
      const leaving = this.#inWindow(charge, now).map(({ slot }) => this.#end(charge, slot));
      const ends = leaving.toSorted((left, right) => left - right);
      const end = [...ends].find((time) => after(charge, time) <= charge.limit);
      return end === undefined ? Infinity : Math.max(1, end - now);
    });
    return {
      admitted: false,
      refusedBy,
      retryAfterMs: Math.min(...waits),
      readings: charges.map((charge) => this.read(charge, now)),
    };
  }

  correct({ key, window, amount, at }: Correction, now: number): void {
    if (window.kind === 'rolling' && slotOf({ key, window }, at) <= slotOf({ key, window }, now) - 60) return;
    this.#add({ key, window }, amount, at);
  }

  read(charge: Key, now: number): Reading {
    const counted = this.#inWindow(charge, now).filter(({ amount }) => amount > 0);
    const used = counted.reduce((sum, { amount }) => sum + amount, 0);
    if (charge.window.kind === 'calendar') return { used, resetMs: Math.max(0, charge.window.endsAt - now) };
    const oldest = Math.min(...counted.map(({ slot }) => slot));
    return { used, resetMs: used === 0 ? 0 : this.#end(charge, oldest) - now };
  }

  #inWindow(charge: Key, now: number): { readonly slot: number; amount: number }[] {
    const slots = this.#log.get(idOf(charge)) ?? [];
    if (charge.window.kind === 'calendar') return slots;
    return slots.filter(({ slot }) => slot > slotOf(charge, now) - 60 && slot <= slotOf(charge, now));
  }

  #add(charge: Key, amount: number, at: number): void {
    const slots = this.#log.get(idOf(charge)) ?? [];
    this.#log.set(idOf(charge), slots);
    const slot = slotOf(charge, at);
    const entry = slots.find((one) => one.slot === slot);
    if (entry === undefined) slots.push({ slot, amount: Math.max(0, amount) });
    else entry.amount = Math.max(0, entry.amount + amount);
  }

  #end({ window }: Key, slot: number): number {
    return window.kind === 'calendar' ? window.endsAt : Math.ceil(((slot + 60) * window.ms) / 60);
  }
}

export function idOf({ key, window }: Key): string {
  return `${window.kind === 'rolling' ? window.ms : window.id} ${key}`;
}

function slotOf({ window }: Key, time: number): number {
  return window.kind === 'calendar' ? 0 : Math.floor((time * 60) / window.ms);
}
