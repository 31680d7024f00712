// `npm start`: installs when needed, builds, and runs the gateway with the arguments given.
//   npm start -- --port 9000 --config gateway.yaml
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { installWhenNeeded, root } from './install.mjs';
import { node24 } from './node24.mjs';

installWhenNeeded();
const built = spawnSync(process.execPath, [path.join(root, 'scripts', 'build.mjs')], { cwd: root, stdio: 'inherit' });
if (built.status !== 0) process.exit(1);

const bin = path.join(root, 'packages', 'gateway', 'bin', 'ucode-gateway.js');
const child = spawn(node24(), [bin, 'serve', ...process.argv.slice(2)], { stdio: 'inherit' });

// A terminal sends Ctrl-C to the child as well; passing it on would look like a second, impatient one.
process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
