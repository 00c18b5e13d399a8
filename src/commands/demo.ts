/**
 * `noren demo`: the main job from end to end on two generated hospitals, each step told as it happens. Everything goes over HTTP with real tokens;
 * what is shown is what the server answered, and a step that does not do what it should ends the demo.
 * @module
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '../config.ts';
import { createLog } from '../http/log.ts';
import { verifyLogs } from './audit.ts';
import { type Command, Refusal } from './command.ts';
import { talk } from './demo-client.ts';
import {
  count,
  counting,
  deidentifying,
  diabetes,
  loading,
  objecting,
  parameters,
  refusing,
  type Say,
  type Scene,
  searching,
  seconds,
  Unexpected,
} from './demo-steps.ts';
import { today, writeHospitals } from './generate.ts';
import { startServer } from './serve.ts';
import { type Style, styleOf } from './terminal.ts';

/** A directory that nothing is in yet: ./data/demo, ./data/demo-2 … */
function fresh(): string {
  for (let i = 1; ; i++) {
    const folder = path.join('data', i === 1 ? 'demo' : `demo-${i}`);
    if (!existsSync(folder) || readdirSync(folder).length === 0) return folder;
  }
}

async function demo(folder: string, patients: number, say: Say, style: Style): Promise<void> {
  const start = performance.now();
  let number = 0;
  const step = (title: string) => say(`\n${style.strong(`${String(++number).padStart(2)}  ${title}`)}`);
  const [data, files] = [path.join(folder, 'server'), path.join(folder, 'hospitals')];
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  say(style.strong('Noren: two hospitals send, one patient objects, a researcher receives data without persons.'));
  say(style.quiet('Real server, real HTTP, real tokens, everything encrypted at rest. The people are invented.'));

  step('A server starts');
  const started = performance.now();
  const toStderr = createLog(line => process.stderr.write(line));
  const running = await startServer(readConfig(['--port', '0', '--data', data]), {
    log: (level, ...what) => level === 'error' && toStderr(level, ...what),
  });
  try {
    const scene: Scene = { ask: talk(running.baseUrl, data), say, style, step, files, url: running.baseUrl, data };
    say(
      `     ${running.baseUrl} in ${seconds(performance.now() - started)}: sandbox keys, clients, two hospitals and three studies, no patient`,
    );

    step(`Two hospitals are generated: ${patients} persons`);
    const written = writeHospitals({ patients, seed: 'demo', day: today() }, files);
    say(
      `     ${count(written.resources)} resources in ${Object.values(written.bundles).reduce((a, b) => a + b, 0)} bundles, ${written.notices} notices, in ${seconds(written.seconds * 1000)}`,
    );

    step('They tell their patients (31 days ago and more), then send');
    await loading(scene);

    step('Without a notice, or too soon after it, nothing gets in');
    await refusing(scene);

    step('What came in can be searched (tester; its names and addresses are nowhere on disk in clear)');
    await searching(scene);

    step('A researcher asks for the data of all diabetics');
    const patient = await deidentifying(scene);

    step('… and for numbers: a count of 1 to 9 is not given');
    const before = await counting(scene);

    await objecting(scene, patient, before);
  } finally {
    await running.close();
  }

  step('Every request is in the audit log, and its chain holds');
  const [, log] = (await verifyLogs(readConfig(['--data', data])))[0]!;
  if (log.breaks.length > 0) throw new Unexpected('The demo ends here: the audit log does not hold.');
  say(`     ${count(log.records)} records, each bound to the one before it: none is missing, none was changed (noren audit verify)`);

  say(
    `\n${style.strong(`Done in ${seconds(performance.now() - start)}.`)} The data lie in ${data}, the generated hospitals in ${files}.\n`,
  );
  say(`Go on with this server and its data (in one terminal, then in another):\n`);
  say(`  npm start -- --data ${data}\n`);
  say(`  TOKEN=$(npx noren token --client tester --data ${data})`);
  say(`  curl -sG -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8080/fhir/Patient --data-urlencode name=佐藤 -d _count=2\n`);
  say(`  TOKEN=$(npx noren token --client researcher-1 --data ${data})`);
  say(`  curl -s -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/fhir+json' 'http://127.0.0.1:8080/fhir/$deidentify' \\`);
  say(`    -d '${JSON.stringify(parameters({ name: 'cohort', valueString: diabetes }))}' | head -c 2000`);
}

const usage = `Usage: noren demo [--patients N] [--data DIR]

Runs the main job from end to end on two generated hospitals and tells each step: notices, bundles, a refusal, searches,
$deidentify with one patient before and after, counts, an objection, the audit log. Takes well under two minutes.

  --patients N   how many persons, 100 to 5000; default 200
  --data DIR     a new or empty directory; default ./data/demo, or ./data/demo-2 … where that is taken

Exit code 0: every step went as it should. 1: one did not, and one sentence on stderr says which.`;

function flags(args: string[]): { patients: number; data: string } {
  const text = { type: 'string' } as const;
  const { patients = '200', data = fresh() } = (() => {
    try {
      return parseArgs({ args, options: { patients: text, data: text } }).values;
    } catch (error) {
      throw new Refusal(`${(error as Error).message.split('. ')[0]!.replace(/\.$/, '')}; --help lists the flags.`);
    }
  })();
  if (!/^\d{3,4}$/.test(patients) || Number(patients) < 100 || Number(patients) > 5000)
    throw new Refusal('--patients must be a whole number from 100 to 5000.');
  if (data === '' || (existsSync(data) && readdirSync(data).length > 0)) throw new Refusal('--data must name a new or empty directory.');
  return { patients: Number(patients), data };
}

export const command: Command = {
  name: 'demo',
  summary: 'the main job on two generated hospitals, step by step',
  usage,
  async run(args, out: (text: string) => void = text => process.stdout.write(text)) {
    const { patients, data } = flags(args);
    await demo(data, patients, (text = '') => out(text + '\n'), styleOf(process.stdout));
    return 0;
  },
};
