import { isIPv6 } from 'node:net';
import type { RedactionRule } from '../config/gateway-config.ts';

/**
 * Where a word can begin in a body: behind anything that is not part of a word, and behind an escape of JSON, whose
 * last letter is not part of the word (`\nada@…`).
 */
const START = String.raw`(?:(?<![A-Za-z0-9_-])|(?<=\\[bfnrt])|(?<=\\u[0-9a-fA-F]{4}))`;

type Redaction = (text: string) => string;

const builtIn: Readonly<Record<Extract<RedactionRule, string>, Redaction>> = {
  email: redactEmails,
  credit_card: redactCards,
  ip_address: redactAddresses,
  secret: redactSecrets,
};

const OWN_PATTERNS = new Map<string, RegExp>();

/**
 * The text with everything that the rules name replaced, rule after rule. Works on JSON and event text as they stand:
 * what replaces never breaks a string of JSON.
 */
export function redact(text: string, rules: readonly RedactionRule[]): string {
  let redacted = text;
  for (const rule of rules) {
    redacted =
      typeof rule === 'string'
        ? builtIn[rule](redacted)
        : redacted.replace(ownPattern(rule.pattern), () => jsonSafe(rule.replacement));
  }
  return redacted;
}

function ownPattern(pattern: string): RegExp {
  let known = OWN_PATTERNS.get(pattern);
  if (known === undefined) OWN_PATTERNS.set(pattern, (known = new RegExp(pattern, 'g')));
  return known;
}

function jsonSafe(replacement: string): string {
  return JSON.stringify(replacement).slice(1, -1);
}

const DOMAIN = /@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,24}(?![A-Za-z0-9-])/g;
const LOCAL_PART = /[A-Za-z0-9._%+'-]/;
/** Longest local part of an address (RFC 5321, 4.5.3.1.1). */
const MAX_LOCAL_PART = 64;

/** Looks for the `@` first: a pattern that began with the local part would try every place of a long base64 text. */
function redactEmails(text: string): string {
  let redacted = '';
  let end = 0;
  for (const match of text.matchAll(DOMAIN)) {
    let start = match.index;
    const least = Math.max(end, start - MAX_LOCAL_PART);
    while (start > least && LOCAL_PART.test(text[start - 1]!)) start -= 1;
    start = behindEscape(text, start, match.index);
    if (start === match.index) continue;
    redacted += `${text.slice(end, start)}[email]`;
    end = match.index + match[0].length;
  }
  return redacted + text.slice(end);
}

/** The letters of an escape of JSON belong to the escape. */
function behindEscape(text: string, start: number, end: number): number {
  if (text[start - 1] !== '\\') return start;
  return Math.min(end, start + (text[start] === 'u' ? 5 : 1));
}

const CARD = new RegExp(String.raw`${START}[2-6]\d(?:[ -]?\d){11,}`, 'g');
/** First digits of the issuers, and how many digits their cards have (ISO/IEC 7812). */
const issuers: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [19, 16, 13]],
  [/^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-5]|[689])/, [14]],
  [/^35/, [16]],
  [/^6(?:011|5|4[4-9])/, [16, 19]],
];

function redactCards(text: string): string {
  return text.replace(CARD, (found) => {
    const digits = found.replaceAll(/\D/g, '');
    const lengths = issuers.find(([first]) => first.test(digits))?.[1] ?? [];
    for (const length of lengths) {
      const end = endOfDigits(found, length);
      if (end !== undefined && passesLuhn(digits.slice(0, length))) return `[credit_card]${found.slice(end)}`;
    }
    return found;
  });
}

/** Offset behind the first `count` digits, where a group of digits ends there. */
function endOfDigits(text: string, count: number): number | undefined {
  let seen = 0;
  for (let at = 0; at < text.length; at++) {
    if (!/\d/.test(text[at]!)) continue;
    seen += 1;
    if (seen === count) return /\d/.test(text[at + 1] ?? '') ? undefined : at + 1;
  }
  return undefined;
}

/** The check digit of ISO/IEC 7812-1, annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const IPV4 = new RegExp(String.raw`${START}(?<!\d\.)${OCTET}(?:\.${OCTET}){3}(?!\d|\.\d)`, 'g');
const GROUP = '[0-9a-fA-F]{0,4}';
const IPV6 = new RegExp(
  String.raw`${START}(?<!:)${GROUP}(?:(?::${GROUP}){1,6}:${OCTET}(?:\.${OCTET}){3}|(?::${GROUP}){2,7})(?![\w:])`,
  'g',
);

function redactAddresses(text: string): string {
  return text
    .replace(IPV6, (found) => (found.length > 2 && isIPv6(found) ? '[ip_address]' : found))
    .replace(IPV4, '[ip_address]');
}

const PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----(?:[A-Za-z0-9+/=\s:,.]|\\+[nrt]|-(?!-))*(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/g;
const BEARER = new RegExp(String.raw`${START}(Bearer|Basic)(\s+)[A-Za-z0-9._~+/=-]{8,}`, 'gi');
/** API keys whose makers gave them a form to be known by. */
const KEY = new RegExp(
  START +
    String.raw`(?:${[
      'sk-[A-Za-z0-9_-]{16,}',
      'ucg_[A-Za-z0-9_-]{8,}',
      'dapi[0-9a-f]{32}(?:-\\d+)?',
      'AIza[A-Za-z0-9_-]{35}',
      'gh[pousr]_[A-Za-z0-9]{30,}',
      'github_pat_[A-Za-z0-9_]{22,}',
      'glpat-[A-Za-z0-9_-]{20,}',
      'xox[abeoprs]-[A-Za-z0-9-]{10,}',
      '(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])',
      'hf_[A-Za-z0-9]{30,}',
      'npm_[A-Za-z0-9]{36}',
      'pypi-[A-Za-z0-9_-]{50,}',
      '[rs]k_(?:live|test)_[A-Za-z0-9]{16,}',
      'SG\\.[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{16,}',
      'xai-[A-Za-z0-9]{40,}',
      'gsk_[A-Za-z0-9]{40,}',
      'eyJ[A-Za-z0-9_-]{8,}\\.eyJ[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}',
    ].join('|')})`,
  'g',
);

function redactSecrets(text: string): string {
  return text.replace(PRIVATE_KEY, '[secret]').replace(BEARER, '$1$2[secret]').replace(KEY, '[secret]');
}
