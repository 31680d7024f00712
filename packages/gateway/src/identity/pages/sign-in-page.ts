import { html } from './html.ts';
import type { Page } from './page.ts';

/** What the sign-in page shows. */
export interface SignInView {
  /** Path of the interaction, without a slash at the end. */
  readonly path: string;
  readonly csrf: string;
  /** The application that asks. */
  readonly clientName: string;
  /** Whether to ask for a name and a password. */
  readonly password: boolean;
  readonly providers: readonly { readonly id: string; readonly name: string }[];
  readonly userName: string | undefined;
  readonly problem: { readonly status: number; readonly text: string } | undefined;
  readonly formTargets: readonly string[];
}

/** Asks who it is: by password, through an identity provider, or both. */
export function signInPage(view: SignInView): Page {
  const { path, providers, problem } = view;
  const form = html`<form method="post" action="${path}/sign-in">
    <input type="hidden" name="csrf" value="${view.csrf}" />
    <label for="user_name">User name</label>
    <input
      type="text"
      id="user_name"
      name="user_name"
      value="${view.userName ?? ''}"
      required
      maxlength="256"
      autocomplete="username"
      autocapitalize="none"
      spellcheck="false"
      ${view.userName === undefined ? html` autofocus` : undefined}
    />
    <label for="password">Password</label>
    <input
      type="password"
      id="password"
      name="password"
      required
      maxlength="1024"
      autocomplete="current-password"
      ${view.userName === undefined ? undefined : html` autofocus`}
    />
    <button type="submit">Sign in</button>
  </form>`;
  const buttons = providers.map(
    ({ id, name }) => html`<a class="button second" href="${path}/sso/${id}">Continue with ${name}</a>`,
  );
  return {
    status: problem?.status ?? 200,
    title: 'Sign in',
    formTargets: view.formTargets,
    content: html`<h1>Sign in</h1>
      <p class="quiet">to continue to <strong>${view.clientName}</strong></p>
      ${problem === undefined ? undefined : html`<p class="problem" role="alert">${problem.text}</p>`}
      ${view.password ? form : undefined}
      ${view.password && providers.length > 0 ? html`<div class="or">or</div>` : undefined} ${buttons}
      ${
        !view.password && providers.length === 0
          ? html`<p class="problem" role="alert">
              No way to sign in is set up in this gateway. Ask its administrator.
            </p>`
          : undefined
      }
      <form method="post" action="${path}/cancel">
        <input type="hidden" name="csrf" value="${view.csrf}" />
        <button class="second" type="submit" formnovalidate>Cancel</button>
      </form>`,
  };
}
