import { html } from './html.ts';
import type { Page } from './page.ts';

/** What the consent page shows. */
export interface ConsentView {
  /** Path of the interaction, without a slash at the end. */
  readonly path: string;
  readonly csrf: string;
  readonly clientName: string;
  /** Host the answer goes to; `undefined` for devices. */
  readonly redirectHost: string | undefined;
  /** Whether the application registered itself: nobody has checked its name. */
  readonly unverified: boolean;
  readonly userName: string;
  /** What it will be able to do. */
  readonly permissions: readonly string[];
  readonly formTargets: readonly string[];
}

/** Asks whether an application may act for the one who is signed in. */
export function consentPage(view: ConsentView): Page {
  return {
    status: 200,
    title: 'Allow access',
    formTargets: view.formTargets,
    content: html`<h1>Allow ${view.clientName} to use ucode?</h1>
      <p class="quiet">You are signed in as <strong>${view.userName}</strong>.</p>
      ${view.redirectHost === undefined ? undefined : html`<p>The answer goes to <code>${view.redirectHost}</code>.</p>`}
      ${
        view.unverified
          ? html`<p class="problem">
              This application registered itself, and its name has not been checked. Go on only if you have just started
              it yourself.
            </p>`
          : undefined
      }
      <p>It will be able to:</p>
      <ul>
        ${view.permissions.map((permission) => html`<li>${permission}</li>`)}
      </ul>
      <form method="post" action="${view.path}/consent">
        <input type="hidden" name="csrf" value="${view.csrf}" />
        <button type="submit" name="answer" value="allow">Allow</button>
        <button class="second" type="submit" name="answer" value="deny">Cancel</button>
      </form>`,
  };
}
