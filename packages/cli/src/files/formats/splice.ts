/** A part of a text, from and to in UTF-16 units, and what stands there instead. */
export type Splice = readonly [from: number, to: number, text: string];

/** A text with parts replaced; the parts do not overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  return splices
    .toSorted(([one], [other]) => other - one)
    .reduce((current, [from, to, instead]) => current.slice(0, from) + instead + current.slice(to), text);
}

/** The line end that a text uses. */
export function lineEnd(text: string): '\r\n' | '\n' {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

/** A text with its last line ended. */
export function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : text + lineEnd(text);
}
