import { defaultRegisteredScope } from './scopes.ts';
import { registeredClientPrefix } from './clients.ts';

/**
 * The query of an authorization request as the library wants it. It gives `offline_access` only with `prompt=consent`, which
 * native clients do not send; and it knows no default scope, which applications that registered themselves rely on.
 * Whatever stands twice stays so, to be refused.
 */
export function authorizationQuery(parameters: URLSearchParams, search: string): string {
  let query = search;
  const add = (text: string): void => {
    query += `${query === '' || query === '?' ? '?' : '&'}${text}`;
  };
  if (!parameters.has('scope') && parameters.get('client_id')?.startsWith(registeredClientPrefix)) {
    add(`scope=${encodeURIComponent(defaultRegisteredScope)}`);
    parameters.set('scope', defaultRegisteredScope);
  }
  if (!(parameters.get('scope') ?? '').split(' ').includes('offline_access')) return query;
  const prompts = parameters.getAll('prompt');
  const [prompt = ''] = prompts;
  if (prompts.length === 0) add('prompt=consent');
  else if (prompts.length === 1 && !/\b(none|consent)\b/.test(prompt)) {
    const changed = new URLSearchParams(query);
    changed.set('prompt', `${prompt} consent`.trim());
    return `?${changed}`;
  }
  return query;
}
