import { html } from './html.ts';
import type { Page } from './page.ts';

/** Asks whether to sign out. */
export function signOutPage(view: {
  readonly action: string;
  readonly xsrf: string;
  readonly userName: string;
  readonly formTargets: readonly string[];
}): Page {
  return {
    status: 200,
    title: 'Sign out',
    formTargets: view.formTargets,
    content: html`<h1>Sign out?</h1>
      <p>
        You are signed in as <strong>${view.userName}</strong>. Terminals and applications that stay signed in are not
        signed out.
      </p>
      <form method="post" action="${view.action}">
        <input type="hidden" name="xsrf" value="${view.xsrf}" />
        <button type="submit" name="logout" value="yes">Sign out</button>
        <button class="second" type="submit">Stay signed in</button>
      </form>`,
  };
}

/** Nobody is signed in any more. */
export function signedOutPage(): Page {
  return {
    status: 200,
    title: 'Signed out',
    content: html`<h1>Signed out</h1>
      <p>You can close this page.</p>`,
  };
}
