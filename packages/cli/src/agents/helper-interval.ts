/**
 * After how long an agent asks its token command again, milliseconds: sooner than the five minutes for which any token is
 * valid that the command gives, so that none is used when it has run out. The command answers in tens of milliseconds.
 */
export const HELPER_INTERVAL_MS = 240_000;
