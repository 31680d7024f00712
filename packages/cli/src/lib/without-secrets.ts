type Rule = readonly [RegExp, string];

/** What is a token by its own form, wherever it stands. */
const TOKENS: readonly Rule[] = [
  [/\b(?:uc[gs]_|dapi|sk-|gh[opsu]_|xox[abp]-)[\w-]{6,}/g, '***'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '***'],
];

/** What looks like a secret by what stands before it. */
const NAMED: readonly Rule[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  [/\b(\w*(?:token|secret|password|device_code|code_verifier)"?\s*[:=]\s*"?)[^\s"&,}]{6,}/gi, '$1***'],
];

/** Text with everything that looks like a token or a password shown as `***`: for messages and logs. */
export function withoutSecrets(text: string): string {
  return applied([...NAMED, ...TOKENS], text);
}

/** Text of files with tokens shown as `***`, and nothing else changed. */
export function withoutTokens(text: string): string {
  return applied(TOKENS, text);
}

function applied(rules: readonly Rule[], text: string): string {
  return rules.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), text);
}
