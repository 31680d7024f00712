import type { ServerResponse } from 'node:http';
import { html, type Markup } from './html.ts';
import { stylePath } from './style.ts';

/** A page to answer with. */
export interface Page {
  readonly status: number;
  readonly title: string;
  readonly content: Markup;
  /** Sources of the Content-Security-Policy that its forms may lead to, beside the gateway itself. */
  readonly formTargets?: readonly string[];
  /** Where the browser goes on by itself; a form's answer could not be redirected there. */
  readonly refresh?: string;
}

const logo = html`<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <rect x="1" y="1" width="30" height="30" rx="8" fill="none" stroke="currentColor" stroke-width="2" />
  <path d="M9 9v8a7 7 0 0 0 14 0V9" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" />
  <circle cx="16" cy="15" r="2" fill="currentColor" />
</svg>`;

/** The whole document. */
export function renderPage(page: Page): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${page.title} - ucode</title>
        <link rel="stylesheet" href="${stylePath}" />
      </head>
      <body>
        <main>
          <header>${logo}<span>ucode</span></header>
          ${page.content}
        </main>
      </body>
    </html> `.text;
}

/** Headers of every answer below `/oidc/`: nothing is kept, framed, guessed or told to others. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy([]),
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'cache-control': 'no-store',
};

/** @param formTargets where the answers of forms may be redirected to. */
export function contentSecurityPolicy(formTargets: readonly string[]): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    `form-action ${["'self'", ...formTargets].join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** Headers of a page. */
export function pageHeaders(page: Page): Readonly<Record<string, string>> {
  return {
    ...securityHeaders,
    'content-security-policy': contentSecurityPolicy(page.formTargets ?? []),
    'content-type': 'text/html; charset=utf-8',
    ...(page.refresh === undefined ? {} : { refresh: `0; url=${page.refresh}` }),
  };
}

/** Answers with a page. */
export function sendPage(response: ServerResponse, page: Page): void {
  const body = renderPage(page);
  response.writeHead(page.status, { ...pageHeaders(page), 'content-length': String(Buffer.byteLength(body)) });
  response.end(body);
}
