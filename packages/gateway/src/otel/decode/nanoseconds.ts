const BILLION = 1_000_000_000;

/**
 * A time as the columns TIMESTAMP and DATE of v2 take it.
 * @param low lower 32 bits of the nanoseconds since 1970.
 * @param high upper 32 bits, below 2^31.
 * @returns ISO 8601 in UTC with microseconds; what is below is cut off.
 */
export function isoMicroseconds(low: number, high: number): string {
  const upper = (high % BILLION) * 0x1_0000 + (low >>> 16);
  const lower = (upper % BILLION) * 0x1_0000 + (low & 0xffff);
  const seconds =
    Math.floor(high / BILLION) * 0x1_0000_0000 + Math.floor(upper / BILLION) * 0x1_0000 + Math.floor(lower / BILLION);
  const microseconds = Math.floor((lower % BILLION) / 1000);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(microseconds).padStart(6, '0')}Z`;
}
