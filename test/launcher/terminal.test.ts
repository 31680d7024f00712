// What only happens on a terminal: Ctrl-C, and questions. `script` of util-linux makes one.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ended, tieToThisProcess } from '../support/child-processes.ts';
import { startGateway, type Gateway } from '../support/gateway-process.ts';
import { openLaptop, ucodeBinary, type Laptop } from '../support/laptop.ts';
import { nodeBinary } from '../support/repository.ts';

const hasScript = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false;

let gateway: Gateway;
let laptop: Laptop;
beforeAll(async () => void (gateway = await startGateway()));
afterAll(() => gateway.stop());
beforeEach(async () => {
  laptop = openLaptop();
  await laptop.signIn(gateway);
});
afterEach(() => laptop.close());

/** `ucode` on a terminal: what is on it, and what is typed. */
function onTerminal(args: string): { child: ChildProcess; shown: () => string; type: (keys: string) => void } {
  const command = `stty cols 150 rows 50; exec '${nodeBinary}' '${ucodeBinary}' ${args}`;
  const child = spawn('script', ['-qefc', command, '/dev/null'], { env: laptop.env, cwd: laptop.work });
  tieToThisProcess(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { child, shown: () => output, type: (keys) => void child.stdin.write(keys) };
}

describe.runIf(hasScript)('on a terminal', () => {
  it('Ctrl-C reaches the agent once, and it goes on as it sees fit', async () => {
    laptop.program('gemini', {
      script: `#!/bin/bash
[ "$1" = --version ] && { echo 1.0.0; exit; }
count=0
trap 'count=$((count + 1)); echo "interrupted $count"' INT
echo ready
read -r line
echo "typed $line after $count"
exit 5
`,
    });
    const { child, shown, type } = onTerminal('gemini');
    const end = ended(child);
    await expect.poll(shown, { timeout: 60_000 }).toContain('ready');
    type('\x03');
    await expect.poll(shown, { timeout: 60_000 }).toContain('interrupted 1');
    type('more\n');
    expect(await end).toBe(5);
    expect(shown()).toContain('after 1');
  });

  it.each([
    ['y', 0, 'OpenCode ran'],
    ['n', 1, 'npm install -g opencode-ai@latest'],
  ])('asks before it installs an agent: %s', async (key, code, said) => {
    const program = `${laptop.bin}/opencode`;
    laptop.program('npm', {
      script: `#!/bin/sh\nprintf '#!/bin/sh\\n[ "$1" = --version ] && { echo 1.0.0; exit; }\\necho OpenCode ran\\n' > ${program}\nchmod 755 ${program}\n`,
    });
    const { child, shown, type } = onTerminal('opencode');
    const end = ended(child);
    await expect.poll(shown, { timeout: 60_000 }).toMatch(/npm install -g.*\?[\s\S]*Yes/);
    type(key);
    expect(await end, shown()).toBe(code);
    expect(shown()).toContain(said);
    expect(shown().includes('OpenCode ran')).toBe(key === 'y');
  });
});
