/** Text from elsewhere, fit for a terminal: without control characters, cut to a length. */
export function printable(text: string, longest = 500): string {
  // oxlint-disable-next-line no-control-regex
  const clean = text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '?');
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}
