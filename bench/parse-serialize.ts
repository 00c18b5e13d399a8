/**
 * A thread that parses and serializes the first 50,000 lines of a file (workerData) five times whenever it is told to: what a machine's cores do at once.
 * @module
 */
import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { linesIn } from './lines.ts';

const bytes = linesIn(readFileSync(String(workerData)))
  .take(50_000)
  .toArray();
parentPort!.postMessage('ready');
parentPort!.on('message', () => {
  for (let round = 0; round < 5; round++) for (const one of bytes) Buffer.from(JSON.stringify(JSON.parse(one.toString())));
  parentPort!.postMessage('done');
});
