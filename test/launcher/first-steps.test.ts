// The launcher as somebody meets it first: help, a sign-in with a token, and an agent of their own on PATH.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { openLaptop, type Laptop } from '../support/laptop.ts';

let gateway: Gateway;
let laptop: Laptop;
beforeAll(async () => void (gateway = await startGateway()));
afterAll(() => gateway.stop());
beforeEach(() => void (laptop = openLaptop()));
afterEach(() => laptop.close());

it('says what it can do, and leaves nothing behind', async () => {
  const { code, stdout } = await laptop.ucode([]);
  expect(code).toBe(0);
  expect(stdout).toContain('ucode claude');
  expect(laptop.snapshot()).toEqual({});
});

it('signs in with a token from standard input, and knows who that is', async () => {
  await laptop.signIn(gateway);
  const { code, stdout } = await laptop.ucode(['whoami', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ workspace: gateway.url, user: 'admin' });
});

it("forwards an agent's arguments byte for byte, and ends with its exit code", async () => {
  await laptop.signIn(gateway);
  laptop.program('codex', { script: '#!/bin/sh\nfor word in "$@"; do printf "[%s]" "$word"; done\nexit 37\n' });
  const args = ['exec', '--', '--model', '', 'a b', "it's", '$HOME', '--verbose', 'ä\n'];
  const { code, stdout } = await laptop.ucode(['codex', ...args]);
  expect(stdout.endsWith(args.map((word) => `[${word}]`).join(''))).toBe(true);
  expect(code).toBe(37);
});
