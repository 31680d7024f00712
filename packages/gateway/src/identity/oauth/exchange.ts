import { AsyncLocalStorage } from 'node:async_hooks';

/** The request that is being answered: what the library's callbacks cannot see otherwise. */
export interface Exchange {
  readonly requestId: string;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  /** Of the gateway, as the caller sees it. */
  readonly origin: string;
  /** Path below `/oidc`. */
  readonly path: string;
  /** A device's short code from the address, to be shown in the form. */
  readonly userCode: string | undefined;
}

const storage = new AsyncLocalStorage<Exchange>();

export function runExchange<T>(exchange: Exchange, work: () => Promise<T>): Promise<T> {
  return storage.run(exchange, work);
}

/** The current request; `undefined` outside of one. */
export function currentExchange(): Exchange | undefined {
  return storage.getStore();
}
