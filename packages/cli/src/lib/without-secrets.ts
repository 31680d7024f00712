/** What looks like a secret, and what stands there instead. */
const RULES: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  [/\b(?:uc[gs]_|dapi|sk-|gh[opsu]_|xox[abp]-)[\w-]{6,}/g, '***'],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, '***'],
  [/\b(\w*(?:token|secret|password|device_code|code_verifier)"?\s*[:=]\s*"?)[^\s"&,}]{6,}/gi, '$1***'],
];

/** Text with everything that looks like a token or a password shown as `***`. */
export function withoutSecrets(text: string): string {
  return RULES.reduce((clean, [pattern, instead]) => clean.replace(pattern, instead), text);
}
