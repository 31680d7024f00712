import type { KoaContextWithOIDC } from 'oidc-provider';
import { messagePage } from '../pages/message-page.ts';
import { DEVICE_GRANT } from './clients.ts';
import { hashId } from './hashed-ids.ts';
import { show } from './provider-pages.ts';
import { Throttle } from './throttle.ts';

/** Seconds between two questions of a device (RFC 8628 3.2). */
const DEVICE_INTERVAL_SECONDS = 5;
/** A little less, so that a device that asks on time is never told off for the network's haste. */
const DEVICE_WINDOW_MS = 4500;

/** Changes of the library's answers before they are sent: what clients look for, and what it does not know of. */
export function answerAdjustments(now: () => number): (ctx: KoaContextWithOIDC) => void {
  const questions = new Throttle(1, DEVICE_WINDOW_MS, now);
  return (ctx) => {
    if (!('oidc' in ctx)) return notFound(ctx);
    const { route } = ctx.oidc;
    const { body } = ctx;
    if (ctx.status === 429) ctx.set('retry-after', '60');
    if (route === 'end_session') skipEmptySignOut(ctx);
    if (typeof body !== 'object' || body === null) return;
    const answer = body as Record<string, unknown>;
    if (route === 'discovery') {
      answer['response_modes_supported'] = ['query'];
    } else if (route === 'device_authorization' && 'device_code' in answer) {
      answer['interval'] = DEVICE_INTERVAL_SECONDS;
    } else if (route === 'token') {
      adjustToken(ctx, answer, questions);
    }
  };
}

function adjustToken(ctx: KoaContextWithOIDC, answer: Record<string, unknown>, questions: Throttle): void {
  const grantType = ctx.oidc.params?.['grant_type'];
  if (grantType === 'refresh_token' && answer['error'] === 'invalid_grant') {
    // The databricks CLI looks for exactly this description (workspace-contract 3.3).
    ctx.body = { error: 'invalid_grant', error_description: 'Refresh token is invalid' };
    return;
  }
  if (grantType !== DEVICE_GRANT || answer['error'] !== 'authorization_pending') return;
  const device = hashId(String(ctx.oidc.params?.['device_code'] ?? ''));
  if (questions.waitSeconds(device) > 0) {
    ctx.body = { error: 'slow_down', error_description: `Ask every ${DEVICE_INTERVAL_SECONDS} seconds at most.` };
    return;
  }
  questions.count(device);
}

/** Where nobody is signed in the library would have a script send a form. */
function skipEmptySignOut(ctx: KoaContextWithOIDC): void {
  if (ctx.status !== 200 || ctx.oidc.session?.accountId !== undefined) return;
  const after = ctx.oidc.params?.['post_logout_redirect_uri'];
  ctx.redirect(typeof after === 'string' ? after : '/oidc/v1/end_session/success');
  ctx.status = 303;
  ctx.body = '';
}

function notFound(ctx: KoaContextWithOIDC): void {
  if (ctx.status !== 404 && ctx.status !== 405) return;
  const { status } = ctx;
  if ((ctx as { accepts(...types: string[]): string | false }).accepts('json', 'html') === 'html') {
    return show(ctx, messagePage(status, 'Not found', 'There is no such page.'));
  }
  ctx.body = { error: 'invalid_request', error_description: 'There is no such endpoint.' };
  ctx.status = status;
}
