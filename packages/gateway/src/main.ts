import { createProgram } from './commands/program.ts';

// Whatever is written is for this user alone.
process.umask(0o077);
await createProgram().parseAsync(process.argv);
