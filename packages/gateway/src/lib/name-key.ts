/**
 * What names of people and groups are compared by: Unicode NFC, lower-case. Two names with one key are one name.
 * Letters that only look alike keep different keys; `readableName` refuses the names that would make use of that.
 */
export function nameKey(name: string): string {
  return name.normalize('NFC').toLowerCase().normalize('NFC');
}

/** Scripts whose letters read like those of another. */
const ALIKE = [/\p{Script=Latin}/u, /\p{Script=Cyrillic}/u, /\p{Script=Greek}/u] as const;

/**
 * Why a name could mislead whoever reads it, as the end of a sentence; `undefined` where it is fine. Refused are
 * control, format (zero width, direction) and unassigned characters, blanks at the ends, blanks other than a plain
 * one, forms that stand for another character (`ａ`, `ﬁ`, the Kelvin sign), and words that mix Latin, Cyrillic and Greek.
 */
export function misleading(name: string, maxLength = 256): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > maxLength) return `is longer than ${maxLength} characters`;
  if (!name.isWellFormed() || /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u.test(name)) {
    return 'has control, invisible or unassigned characters';
  }
  if (name !== name.trim()) return 'begins or ends with a blank';
  if (/\p{Zs}/u.test(name.replaceAll(' ', ''))) return 'has blanks that are not plain ones';
  const composed = name.normalize('NFC');
  const plain = name === composed || name === name.normalize('NFD');
  if (!plain || name.normalize('NFKC') !== composed) return 'has characters that stand for others';
  for (const word of composed.split(/[^\p{L}\p{M}\p{N}]+/u)) {
    if (ALIKE.filter((script) => script.test(word)).length > 1) return 'mixes letters of scripts that look alike';
  }
  return undefined;
}
