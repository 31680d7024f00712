/** Words that say that a value is a secret, wherever they stand in a name. */
const secretWords = new Set([
  'secret',
  'secrets',
  'password',
  'passwd',
  'passphrase',
  'plaintext',
  'authorization',
  'credential',
  'credentials',
  'cookie',
  'apikey',
  'assertion',
]);
/** Words that say so at the end of a name: `refresh_token`, but not `first_token_timeout`. */
const secretEnds = new Set(['token', 'verifier', 'pat', 'jwt', 'signature', 'nonce']);
/** What a `key` must be to be a secret: `api_key`, but not `sort_key`. */
const secretKeys = new Set(['api', 'private', 'secret', 'access', 'encryption', 'signing', 'master']);
/** Last words of names that tell of a secret without being one: `secret_id`, `token_lifetime`. */
const harmlessEnds = new Set([
  'id',
  'ids',
  'name',
  'type',
  'count',
  'at',
  'time',
  'lifetime',
  'timeout',
  'seconds',
  'comment',
]);

/** Whether what stands under this name must not be shown: `api_key`, `clientSecret`, `X-Api-Key`, `access_token`. */
export function isSecretName(name: string): boolean {
  const words = name
    .slice(0, 200)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const last = words.at(-1);
  if (last === undefined || harmlessEnds.has(last)) return false;
  if (words.some((word) => secretWords.has(word)) || secretEnds.has(last)) return true;
  if (words.includes('token') && ['value', 'hash'].includes(last)) return true;
  return words.some((word, at) => word === 'key' && secretKeys.has(words[at - 1] ?? ''));
}
