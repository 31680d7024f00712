import type { Client, ErrorOut, KoaContextWithOIDC, UnknownObject } from 'oidc-provider';
import type { Directory } from '../directory.ts';
import { deviceCodePage, deviceConfirmPage, deviceDonePage } from '../pages/device-pages.ts';
import { messagePage } from '../pages/message-page.ts';
import { pageHeaders, renderPage, type Page } from '../pages/page.ts';
import { signedOutPage, signOutPage } from '../pages/sign-out-pages.ts';
import { currentExchange } from './exchange.ts';
import { formTarget } from './redirect-policy.ts';
import { scopeDescriptions } from './scopes.ts';

/** The pages that the library asks for. */
export class ProviderPages {
  readonly #directory: Directory;
  readonly #onWrongCode: () => void;

  /** @param onWrongCode told when somebody types a code that is not known. */
  constructor(directory: Directory, onWrongCode: () => void) {
    this.#directory = directory;
    this.#onWrongCode = onWrongCode;
  }

  /** The authorization request is wrong, and cannot be answered at the application. */
  error(ctx: KoaContextWithOIDC, out: ErrorOut): void {
    const status = ctx.status >= 400 ? ctx.status : 400;
    const text = out.error === 'server_error' ? 'The gateway failed. Try again.' : (out.error_description ?? out.error);
    show(ctx, messagePage(status, 'This request cannot be answered', `${text} (${out.error})`));
  }

  codeInput(ctx: KoaContextWithOIDC, problem: unknown): void {
    const name = problem instanceof Error ? problem.name : undefined;
    if (name === 'NotFoundError') this.#onWrongCode();
    if (name === 'AbortedError') {
      return show(ctx, messagePage(200, 'Cancelled', 'The device gets no access. You can close this page.'));
    }
    show(
      ctx,
      deviceCodePage({
        xsrf: secretOf(ctx),
        userCode: problemCode(problem) ?? currentExchange()?.userCode ?? '',
        problem: problem === undefined || problem === null ? undefined : (explanations[name ?? ''] ?? unforeseen),
      }),
    );
  }

  confirm(ctx: KoaContextWithOIDC, client: Client, info: UnknownObject | undefined, shownCode: string): void {
    const { params, session, entities } = ctx.oidc;
    const accountId = session?.accountId;
    const asked = (entities.DeviceCode as { params?: { scope?: unknown } } | undefined)?.params?.scope;
    const address = info?.['ip'];
    show(
      ctx,
      deviceConfirmPage({
        xsrf: secretOf(ctx),
        userCode: String(params?.['user_code'] ?? ''),
        shownCode,
        clientName: client.clientName ?? client.clientId,
        address: typeof address === 'string' ? address : undefined,
        userName: accountId === undefined ? undefined : this.#directory.byId(accountId)?.userName,
        permissions: permissionsOf(typeof asked === 'string' ? asked.split(' ') : []),
      }),
    );
  }

  done(ctx: KoaContextWithOIDC): void {
    const { client, session } = ctx.oidc;
    show(
      ctx,
      deviceDonePage({
        clientName: client?.clientName ?? client?.clientId ?? '',
        userName: this.#directory.byId(session?.accountId ?? '')?.userName ?? '',
      }),
    );
  }

  signOut(ctx: KoaContextWithOIDC): void {
    const { session, params } = ctx.oidc;
    const after = params?.['post_logout_redirect_uri'];
    const target = typeof after === 'string' ? formTarget(after) : undefined;
    show(
      ctx,
      signOutPage({
        action: '/oidc/v1/end_session/confirm',
        xsrf: secretOf(ctx),
        userName: this.#directory.byId(session?.accountId ?? '')?.userName ?? '',
        formTargets: target === undefined ? [] : [target],
      }),
    );
  }

  signedOut(ctx: KoaContextWithOIDC): void {
    show(ctx, signedOutPage());
  }
}

/** What an application asks for, in words; every scope that means something. */
export function permissionsOf(scopes: readonly string[]): readonly string[] {
  return [...scopeDescriptions].filter(([scope]) => scopes.includes(scope)).map(([, text]) => text);
}

/** Answers with a page from within the library. */
export function show(ctx: KoaContextWithOIDC, page: Page): void {
  ctx.status = page.status;
  ctx.set({ ...pageHeaders(page) });
  ctx.body = renderPage(page);
}

const unforeseen = 'That did not work. Enter the code again.';
const explanations: Readonly<Record<string, string>> = {
  NoCodeError: 'Enter the code that your device shows.',
  NotFoundError: 'This code is not known. Compare it with the one on your device.',
  ExpiredError: 'This code has expired. Start again on your device.',
  AlreadyUsedError: 'This code has been used already. Start again on your device.',
};

function problemCode(problem: unknown): string | undefined {
  const code = (problem as { readonly userCode?: unknown } | undefined)?.userCode;
  return typeof code === 'string' ? code.slice(0, 32) : undefined;
}

function secretOf(ctx: KoaContextWithOIDC): string {
  const state = ctx.oidc.session?.['state'] as { readonly secret?: unknown } | undefined;
  return typeof state?.secret === 'string' ? state.secret : '';
}
