#!/usr/bin/env node
import { EXIT } from './cli/exit-codes.ts';
import { unsupportedNode } from './cli/node-version.ts';
import { runProgram } from './cli/program.ts';

// Whoever reads our output may have seen enough, as `head` does.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const tooOld = unsupportedNode(process.versions.node);
if (tooOld === undefined) {
  process.exitCode = await runProgram(process.argv.slice(2), {
    env: process.env,
    stdout: process.stdout,
    stderr: process.stderr,
  });
} else {
  process.stderr.write(tooOld);
  process.exitCode = EXIT.usage;
}
