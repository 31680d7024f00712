import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/** Paths in log objects that are replaced before a line is written. */
const REDACTED = [
  'headers.authorization',
  'headers["x-api-key"]',
  'headers["x-goog-api-key"]',
  'headers["api-key"]',
  'headers.cookie',
  '*.authorization',
  '*.api_key',
  '*.token',
  'token',
  'authorization',
];

/** Text that looks like a credential, wherever it stands: our tokens, vendors' keys, bearer headers. */
const CREDENTIAL = /\b(?:ucg_|sk-(?:ant-|proj-)?|dapi|AIza)[A-Za-z0-9_-]{8,}|Bearer\s+[A-Za-z0-9._~+/=-]{8,}/gi;

/** The text with everything that looks like a credential replaced. */
export function redact(text: string): string {
  return text.replace(CREDENTIAL, '[redacted]');
}

/**
 * Structured log to standard error: one JSON object a line, redacted before it is written.
 * @param level pino level name.
 */
export function createLogger(level: string, destination: DestinationStream = process.stderr): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: REDACTED, censor: '[redacted]' },
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => void destination.write(redact(line)) },
  );
}
