import { recipes } from './recipes/index.ts';
import { runAgent } from './run-agent.ts';
import { isolation } from './sandbox/sandbox.ts';
const [url = '', only, prompt = 'Create the file f.txt with the text hi using the shell.', token = 'lab-token-0123456789', stop] = process.argv.slice(2);
console.log(isolation);
for (const r of recipes) for (const v of r.variants) {
  if (only && only !== 'all' && !v.id.startsWith(only)) continue;
  const t = Date.now();
  const run = await runAgent(r.name, v, { gateway: { url, token }, prompt, timeoutMs: 60_000, ...(stop ? { stopAfterCalls: Number(stop) } : {}) });
  console.log(v.id, run.exitCode, run.killed, JSON.stringify(run.file), Date.now() - t, 'ms', run.calls.length, run.outsideNames, /Final answer/.test(run.stdout));
  if (only && only !== 'all') console.log(run.summary());
}
process.exit(0);
