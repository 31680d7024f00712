import { html } from './html.ts';
import type { Page } from './page.ts';

/** A page that says something and asks nothing. */
export function messagePage(status: number, title: string, text: string): Page {
  return {
    status,
    title,
    content: html`<h1>${title}</h1>
      <p>${text}</p>`,
  };
}

/** The sign-in is over, was started in another browser, or never was. */
export function expiredPage(): Page {
  return messagePage(
    400,
    'This sign-in has expired',
    'It took too long, is already finished, or was started in another browser. Go back to the application and sign in again.',
  );
}

/** A form that was not sent from our own page. */
export function foreignFormPage(): Page {
  return messagePage(
    403,
    'This form cannot be used',
    'It was not sent from this page. Go back to the application and sign in again.',
  );
}

/** Too many attempts. */
export function throttledPage(seconds: number): Page {
  const minutes = Math.ceil(seconds / 60);
  return messagePage(429, 'Too many attempts', `Try again in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`);
}

/** Goes on to a company's identity provider where an answer to a form could not be redirected there. */
export function continuePage(name: string, url: string): Page {
  return {
    status: 200,
    title: `Continue to ${name}`,
    refresh: url,
    content: html`<h1>Continue to ${name}</h1>
      <a class="button" href="${url}">Continue</a>`,
  };
}
