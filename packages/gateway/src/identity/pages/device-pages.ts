import { html } from './html.ts';
import type { Page } from './page.ts';

/** Path of the page where the short code is typed in. */
export const devicePath = '/oidc/device';

/** Asks for the short code that the device shows. */
export function deviceCodePage(view: {
  readonly xsrf: string;
  readonly userCode: string;
  readonly problem: string | undefined;
}): Page {
  return {
    status: view.problem === undefined ? 200 : 400,
    title: 'Connect a device',
    content: html`<h1>Connect a device</h1>
      <p>Enter the code that your terminal or device shows.</p>
      ${view.problem === undefined ? undefined : html`<p class="problem" role="alert">${view.problem}</p>`}
      <form method="post" action="${devicePath}">
        <input type="hidden" name="xsrf" value="${view.xsrf}" />
        <label for="user_code">Code</label>
        <input
          class="code"
          type="text"
          id="user_code"
          name="user_code"
          value="${view.userCode}"
          required
          maxlength="32"
          placeholder="BCDF-GHJK"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck="false"
          autofocus
        />
        <button type="submit">Continue</button>
      </form>`,
  };
}

/** Asks whether the device is the person's own, before anything is given to it. */
export function deviceConfirmPage(view: {
  readonly xsrf: string;
  readonly userCode: string;
  readonly shownCode: string;
  readonly clientName: string;
  /** Address that the device asked from. */
  readonly address: string | undefined;
  readonly userName: string | undefined;
  readonly permissions: readonly string[];
}): Page {
  return {
    status: 200,
    title: 'Confirm the device',
    content: html`<h1>Connect ${view.clientName}?</h1>
      <p>Your device must show exactly this code:</p>
      <strong class="userCode">${view.shownCode}</strong>
      <p class="problem">
        Go on only if you have just started this yourself. If somebody sent you the code or a link, cancel: they would
        act in your name.
      </p>
      ${view.address === undefined ? undefined : html`<p class="quiet">The device asked from <code>${view.address}</code>.</p>`}
      <p>It will be able to:</p>
      <ul>
        ${view.permissions.map((permission) => html`<li>${permission}</li>`)}
      </ul>
      <form method="post" action="${devicePath}">
        <input type="hidden" name="xsrf" value="${view.xsrf}" />
        <input type="hidden" name="user_code" value="${view.userCode}" />
        <button type="submit" name="confirm" value="yes">
          ${view.userName === undefined ? html`Continue` : html`Continue as ${view.userName}`}
        </button>
        <button class="second" type="submit" name="abort" value="yes">Cancel</button>
      </form>
      ${
        view.userName === undefined
          ? undefined
          : html`<form class="inline" method="post" action="/oidc/switch-account">
              <input type="hidden" name="xsrf" value="${view.xsrf}" />
              <input type="hidden" name="user_code" value="${view.userCode}" />
              <span class="quiet">Not you? <button class="link" type="submit">Use another account</button></span>
            </form>`
      }`,
  };
}

/** The device may go on. */
export function deviceDonePage(view: { readonly clientName: string; readonly userName: string }): Page {
  return {
    status: 200,
    title: 'Device connected',
    content: html`<h1>Device connected</h1>
      <p>
        You are signed in to <strong>${view.clientName}</strong> as <strong>${view.userName}</strong>. You can close
        this page and go back to your device.
      </p>`,
  };
}
