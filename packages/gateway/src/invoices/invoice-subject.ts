import { GatewayError } from '../errors/gateway-error.ts';

/** Whose usage an invoice is about: everybody's, that of a group's members, or one user's. */
export type InvoiceSubject =
  | { readonly kind: 'workspace' }
  | { readonly kind: 'group' | 'user'; readonly name: string };

/**
 * `workspace`, `group:NAME` or `user:NAME`.
 * @throws GatewayError `caller_invalid_parameter`
 */
export function invoiceSubject(text: string): InvoiceSubject {
  if (text === 'workspace') return { kind: 'workspace' };
  const [, kind, name] = /^(group|user):(\P{Cc}{1,300})$/u.exec(text) ?? [];
  if ((kind === 'group' || kind === 'user') && name !== undefined) return { kind, name };
  throw new GatewayError('caller_invalid_parameter', "An invoice is for 'workspace', 'group:NAME' or 'user:NAME'.", {
    param: 'for',
  });
}
