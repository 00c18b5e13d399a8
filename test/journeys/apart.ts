/**
 * A server in a process of its own, on any free port: to be killed, or to be raced against.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

/** Resolves once it is ready. @param environment variables besides those of this process */
export function serveApart(
  data: string,
  environment: Record<string, string> = {},
): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '../../src/main.ts'), 'serve', '--data', data], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, PORT: '0', ...environment },
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout!.on('data', (part: Buffer) => {
      text += part.toString();
      const ready = /^ready (\S+) /m.exec(text);
      if (ready) resolve({ url: ready[1]!, child });
    });
    child.on('exit', () => reject(new Error('The server ended at its start.')));
  });
}
