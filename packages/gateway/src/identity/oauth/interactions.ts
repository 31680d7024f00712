import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Interaction } from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { AuditLog } from '../../audit/audit-event.ts';
import { GatewayError } from '../../errors/gateway-error.ts';
import type { Account, Directory } from '../directory.ts';
import { consentPage } from '../pages/consent-page.ts';
import { continuePage, expiredPage, foreignFormPage, messagePage } from '../pages/message-page.ts';
import { sendPage } from '../pages/page.ts';
import { signInPage } from '../pages/sign-in-page.ts';
import { registeredClientPrefix } from './clients.ts';
import type { Exchange } from './exchange.ts';
import { isOwnForm, type FormTokens } from './form-guard.ts';
import { grantFor } from './grants.ts';
import {
  allowedScopes,
  answer,
  askedScopes,
  clientName,
  cookieName,
  cookieValue,
  findInteraction,
  redirect,
  secondsLeft,
  shownHost,
  signedIn,
  targetsOf,
} from './interaction-answers.ts';
import { recordOAuthEvent, type OAuthEvent } from './oauth-audit.ts';
import { permissionsOf } from './provider-pages.ts';
import { readForm } from './request-body.ts';
import type { SsoProviders } from './sso-contract.ts';

const INTERACTION = /^\/interaction\/([\w-]{1,64})(?:\/(sign-in|consent|cancel|sso\/[a-z0-9-]{1,64}))?$/;
const CALLBACK = /^\/sso\/([a-z0-9-]{1,64})\/callback$/;
const MAX_FORM_BYTES = 16 * 1024;
/** Seconds a sign-in at an identity provider may take. */
const SSO_SECONDS = 1800;

/** What signing in needs. */
export interface InteractionParts {
  readonly directory: Directory;
  readonly sso: SsoProviders;
  /** Whether local users may sign in with a password. */
  readonly passwordSignIn: () => boolean;
  readonly tokens: FormTokens;
  readonly audit: AuditLog;
  readonly now: () => number;
}

interface Step {
  readonly provider: Provider;
  readonly exchange: Exchange;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly interaction: Interaction;
  /** Path of the interaction as the browser sees it. */
  readonly path: string;
}

/** The pages where people sign in and give consent. */
export class Interactions {
  readonly #parts: InteractionParts;

  constructor(parts: InteractionParts) {
    this.#parts = parts;
  }

  /** Whether a path below `/oidc` belongs here. */
  accepts(path: string): boolean {
    return INTERACTION.test(path) || CALLBACK.test(path);
  }

  async handle(
    provider: Provider,
    exchange: Exchange,
    request: IncomingMessage,
    response: ServerResponse,
    search: string,
  ): Promise<void> {
    const [, providerId] = CALLBACK.exec(exchange.path) ?? [];
    if (providerId !== undefined) return this.#callback(provider, exchange, providerId, request, response, search);
    const [, uid = '', action] = INTERACTION.exec(exchange.path) ?? [];
    const interaction = await findInteraction(provider, request, response, uid);
    if (interaction === undefined) return sendPage(response, expiredPage());
    const step: Step = { provider, exchange, request, response, interaction, path: `/oidc/interaction/${uid}` };
    if (request.method === 'GET' || request.method === 'HEAD') return this.#get(step, action);
    if (request.method !== 'POST' || action === undefined || action.startsWith('sso/')) {
      return sendPage(response, messagePage(405, 'Not allowed', 'This page cannot be used in this way.'));
    }
    const form = await readForm(request, MAX_FORM_BYTES);
    if (!isOwnForm(request.headers, exchange.origin) || !this.#parts.tokens.check('form', uid, form.get('csrf'))) {
      this.#record({ action: 'refuseForm', status: 403, errorCode: 'policy_forbidden' });
      return sendPage(response, foreignFormPage());
    }
    if (action === 'cancel') return this.#refuse(step);
    return action === 'consent' ? this.#consent(step, form) : this.#signIn(step, form);
  }

  async #get(step: Step, action: string | undefined): Promise<void> {
    const { interaction, response } = step;
    if (action?.startsWith('sso/')) {
      // Begun from our page only, or by the address bar: not by a page of somebody else.
      const site = step.request.headers['sec-fetch-site'];
      if (site !== undefined && site !== 'same-origin' && site !== 'none') return sendPage(response, foreignFormPage());
      return this.#beginSso(step, action.slice('sso/'.length));
    }
    if (action !== undefined) return redirect(response, step.path);
    if (interaction.prompt.name === 'consent') return this.#showConsent(step);
    const providers = this.#parts.sso.list();
    const [only] = providers;
    if (only !== undefined && providers.length === 1 && !this.#parts.passwordSignIn()) {
      return this.#beginSso(step, only.id);
    }
    return this.#showSignIn(step, {});
  }

  async #showSignIn(
    { provider, interaction, response, path }: Step,
    shown: { readonly userName?: string; readonly problem?: { readonly status: number; readonly text: string } },
  ): Promise<void> {
    const hint = interaction.params['login_hint'];
    sendPage(
      response,
      signInPage({
        path,
        csrf: this.#parts.tokens.make('form', interaction.uid),
        clientName: await clientName(provider, interaction),
        password: this.#parts.passwordSignIn(),
        providers: this.#parts.sso.list(),
        userName: shown.userName ?? (typeof hint === 'string' ? hint.slice(0, 256) : undefined),
        problem: shown.problem,
        formTargets: targetsOf(interaction),
      }),
    );
  }

  async #signIn(step: Step, form: ReadonlyMap<string, string>): Promise<void> {
    const { interaction, response, exchange } = step;
    if (interaction.prompt.name !== 'login' || !this.#parts.passwordSignIn()) return redirect(response, step.path);
    const userName = (form.get('user_name') ?? '').trim();
    let account: Account;
    try {
      account = await this.#parts.directory.checkPassword(userName, form.get('password') ?? '', exchange.sourceIp);
      if (!account.active || account.type !== 'USER') throw new GatewayError('policy_forbidden', 'Not a user.');
    } catch (error) {
      if (!(error instanceof GatewayError) || error.status >= 500) throw error;
      this.#record({
        action: 'login',
        userName,
        status: error.status,
        errorCode: error.code,
        errorMessage: error.message,
      });
      const text =
        error.status === 429
          ? 'Too many attempts. Wait a little before the next one.'
          : 'The user name or the password is wrong.';
      return this.#showSignIn(step, { userName, problem: { status: error.status === 429 ? 429 : 401, text } });
    }
    this.#record({ action: 'login', account, parameters: { method: 'password' } });
    await signedIn(step.provider, interaction, account, 'pwd', this.#parts.now());
    redirect(response, interaction.returnTo);
  }

  async #beginSso(step: Step, id: string): Promise<void> {
    const { interaction, response, exchange } = step;
    if (interaction.prompt.name !== 'login') return redirect(response, step.path);
    const provider = this.#parts.sso.list().find((one) => one.id === id);
    if (provider === undefined) return sendPage(response, expiredPage());
    let start;
    try {
      start = await this.#parts.sso.begin(id, interaction.uid, exchange.origin);
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      return sendPage(response, messagePage(error.status, `${provider.name} cannot be used now`, error.message));
    }
    const secure = exchange.origin.startsWith('https:') ? '; Secure' : '';
    const bound = `${cookieName(interaction.uid)}=${this.#parts.tokens.make('sso', interaction.uid)}`;
    response.setHeader('set-cookie', [
      `${bound}; Path=/oidc/sso/; HttpOnly; SameSite=Lax; Max-Age=${SSO_SECONDS}${secure}`,
      ...(start.cookie === undefined ? [] : [start.cookie]),
    ]);
    // After a device's form the browser would not follow a redirection to another site.
    if (interaction.deviceCode !== undefined) return sendPage(response, continuePage(provider.name, start.redirect));
    redirect(response, start.redirect);
  }

  async #callback(
    provider: Provider,
    exchange: Exchange,
    providerId: string,
    request: IncomingMessage,
    response: ServerResponse,
    search: string,
  ): Promise<void> {
    if (request.method !== 'GET') {
      return sendPage(response, messagePage(405, 'Not allowed', 'Sign-ins are answered with a redirection.'));
    }
    const cookies = request.headers.cookie ?? '';
    let finish;
    try {
      finish = await this.#parts.sso.finish({
        providerId,
        url: new URL(`${exchange.origin}/oidc${exchange.path}${search}`),
        cookies,
        sourceIp: exchange.sourceIp,
        userAgent: exchange.userAgent,
      });
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      const { status, code, message } = error;
      this.#record({
        action: 'login',
        status,
        errorCode: code,
        errorMessage: message,
        parameters: { method: providerId },
      });
      return sendPage(response, messagePage(status, 'The sign-in did not succeed', message));
    }
    if (finish.cookie !== undefined) response.setHeader('set-cookie', finish.cookie);
    const { interactionUid: uid, account } = finish;
    const interaction = await provider.Interaction.find(uid);
    const bound = cookieValue(cookies, cookieName(uid));
    if (interaction?.prompt.name !== 'login' || !this.#parts.tokens.check('sso', uid, bound) || !account.active) {
      this.#record({
        action: 'login',
        account,
        status: 403,
        errorCode: 'policy_forbidden',
        parameters: { method: providerId },
      });
      return sendPage(response, expiredPage());
    }
    this.#record({ action: 'login', account, parameters: { method: providerId } });
    await signedIn(provider, interaction, account, 'sso', this.#parts.now());
    redirect(response, interaction.returnTo);
  }

  async #showConsent({ provider, interaction, response, path }: Step): Promise<void> {
    const clientId = String(interaction.params['client_id'] ?? '');
    const redirectUri = interaction.params['redirect_uri'];
    sendPage(
      response,
      consentPage({
        path,
        csrf: this.#parts.tokens.make('form', interaction.uid),
        clientName: await clientName(provider, interaction),
        redirectHost: typeof redirectUri === 'string' ? shownHost(redirectUri) : undefined,
        unverified: clientId.startsWith(registeredClientPrefix),
        userName: this.#parts.directory.byId(interaction.session?.accountId ?? '')?.userName ?? '',
        permissions: permissionsOf(askedScopes(interaction).filter((scope) => allowedScopes(clientId).has(scope))),
        formTargets: targetsOf(interaction),
      }),
    );
  }

  async #consent(step: Step, form: ReadonlyMap<string, string>): Promise<void> {
    const { provider, interaction, response } = step;
    const accountId = interaction.session?.accountId;
    if (interaction.prompt.name !== 'consent' || accountId === undefined) return redirect(response, step.path);
    if (form.get('answer') !== 'allow') return this.#refuse(step);
    const clientId = String(interaction.params['client_id'] ?? '');
    const client = await provider.Client.find(clientId);
    const resource = interaction.params['resource'];
    const grant = grantFor(provider, {
      accountId,
      clientId,
      asked: askedScopes(interaction),
      allowed: client?.scope === undefined ? allowedScopes(clientId) : new Set(client.scope.split(' ')),
      resources: (Array.isArray(resource) ? resource : [resource]).filter((one) => typeof one === 'string'),
    });
    const grantId = await grant.save();
    this.#record({
      action: 'consent',
      account: this.#parts.directory.byId(accountId),
      parameters: { client_id: clientId },
    });
    await answer(interaction, { consent: { grantId } }, this.#parts.now());
    redirect(response, interaction.returnTo);
  }

  /** The person cancels: the application is told so. */
  async #refuse({ interaction, response }: Step): Promise<void> {
    interaction.result = { error: 'access_denied', error_description: 'The sign-in was cancelled.' };
    await interaction.save(secondsLeft(interaction, this.#parts.now()));
    redirect(response, interaction.returnTo);
  }

  #record(event: OAuthEvent): void {
    recordOAuthEvent(this.#parts.audit, event, this.#parts.now());
  }
}
