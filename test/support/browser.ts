import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { installBrowser } from './browser-install.ts';

/** A real Chromium that reaches loopback and nothing else. */
export interface TestBrowser {
  /** A new profile: no cookies. */
  newContext(): Promise<BrowserContext>;
  stop(): Promise<void>;
}

/** Installs Chromium where it is missing and starts it, without a window. */
export async function startBrowser(): Promise<TestBrowser> {
  const { executable, env } = await installBrowser();
  const browser: Browser = await chromium.launch({
    executablePath: executable,
    headless: true,
    env: { ...definedEnvironment(), ...env },
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-domain-reliability',
      '--disable-sync',
      '--metrics-recording-only',
      '--no-pings',
      '--no-proxy-server',
      // Every name but localhost fails at once: nothing leaves the machine.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
    ],
  });
  return {
    newContext: () => browser.newContext({ locale: 'en-US', viewport: { width: 1000, height: 760 } }),
    stop: () => browser.close(),
  };
}

/** What a page complained of: script errors, console errors, violations of its content security policy, failed loads. */
export function watchComplaints(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('requestfailed', (request) => {
    // A redirect to the listener of a command-line client ends the page that asked for it.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()}`);
  });
  return complaints;
}

function definedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
