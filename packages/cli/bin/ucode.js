#!/usr/bin/env node
import module from 'node:module';

// Later starts need not compile again, where Node can keep that (22.8).
module.enableCompileCache?.();
// The token helper has an entry of its own, so that it loads nothing else.
if (process.argv[2] === 'auth-token') {
  process.argv.splice(2, 1);
  await import('../dist/auth-token.js');
} else {
  await import('../dist/main.js');
}
