// `npm test`: everything. Installs when needed, builds, lints, checks format and types, then runs the
// test projects. The last line is `N passed, N failed[, N skipped]`, counted from the reports.
//   npm test -- unit e2e      only these projects
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { installWhenNeeded, root } from './install.mjs';
import { node24 } from './node24.mjs';

const projects = process.argv.length > 2 ? process.argv.slice(2) : ['unit', 'e2e', 'launcher', 'browser', 'agents'];
const failedSteps = [];
const total = { passed: 0, failed: 0, skipped: 0 };

installWhenNeeded();
step('build', process.execPath, [path.join('scripts', 'build.mjs')]);
for (const name of ['lint', 'format:check', 'typecheck']) step(name, 'npm', ['run', '--silent', name]);

const reports = mkdtempSync(path.join(os.tmpdir(), 'ucode-test-'));
for (const project of projects) {
  const report = path.join(reports, `${project}.json`);
  step(`tests: ${project}`, node24(), [
    path.join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  const counted = countTests(report);
  console.log(`${project}: ${line(counted)}\n`);
  if (counted.passed + counted.failed === 0) failedSteps.push(`${project} (no test ran)`);
  for (const key of Object.keys(total)) total[key] += counted[key];
}
rmSync(reports, { recursive: true, force: true });

if (failedSteps.length > 0) console.log(`Failed: ${failedSteps.join(', ')}`);
console.log(line(total));
process.exit(failedSteps.length > 0 || total.failed > 0 ? 1 : 0);

function step(name, command, args) {
  console.log(`\n--- ${name}`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (error) console.log(error.message);
  if (status !== 0) failedSteps.push(name);
}

/** Counts of a vitest JSON report; a file that could not be loaded is one failure. Zeros without a report. */
function countTests(file) {
  const counted = { passed: 0, failed: 0, skipped: 0 };
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return counted;
  }
  for (const { status, assertionResults } of report.testResults) {
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) counted.failed += 1;
    for (const test of assertionResults) {
      if (test.status === 'passed') counted.passed += 1;
      else if (test.status === 'failed') counted.failed += 1;
      else counted.skipped += 1;
    }
  }
  return counted;
}

function line({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
