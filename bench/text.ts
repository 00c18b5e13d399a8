/**
 * Free text on one core: sentences of the corpus per second of processor time, cleaned with the registry of one house and the dictionary of each patient; beside copying the same text
 * out of its bytes and normalizing it (NFKC), in the same run. And what a registry costs: building time, memory and rate with hundreds of thousands of names.
 * node bench/text.ts [--sentences 20000] [--registry 300000]
 * @module
 */
import { parseArgs } from 'node:util';
import { type Dictionary, dictionary, knownOf, type TextCleaner, textCleaner } from '../src/deid/text/index.ts';
import type { AnyResource } from '../src/fhir/model/r4.ts';
import { name } from '../src/generate/names.ts';
import { random } from '../src/generate/random.ts';
import { type Corpus, corpus } from '../test/deid/text/corpus.ts';

const { values } = parseArgs({
  options: { sentences: { type: 'string', default: '20000' }, registry: { type: 'string', default: '300000' } },
});
const count = Number(values.sentences);
const subject = { shiftDays: 10 };

/** Units of work per second of processor time of this thread, for about two seconds after a warm-up. */
function rate<T>(items: readonly T[], work: (item: T) => unknown): number {
  for (const item of items.slice(0, 4000)) work(item);
  const until = performance.now() + 2000;
  const before = process.threadCpuUsage();
  let done = 0;
  while (performance.now() < until) {
    for (const item of items) work(item);
    done += items.length;
  }
  const { user, system } = process.threadCpuUsage(before);
  return (done / (user + system)) * 1e6;
}

const row = (what: string, perSecond: number, ceiling?: number): void => {
  const ratio = ceiling === undefined ? '' : `  ${(perSecond / ceiling).toFixed(3)} of the ceiling`;
  process.stdout.write(`${what.padEnd(58)} ${Math.round(perSecond).toLocaleString('en').padStart(10)} sentences/s${ratio}\n`);
};

function sentences({ sentences, patients }: Corpus, registry: Dictionary): number {
  const cleaners: readonly TextCleaner[] = patients.map(of => textCleaner([registry, dictionary(knownOf(of, 'patient'))]));
  return rate(sentences, ({ text, patient }) => cleaners[patient]!(text, subject));
}

for (const style of ['tuned', 'held-out', 'letters', 'shorthand'] as const) {
  const made = corpus(style, count);
  const units = made.sentences.reduce((n, { text }) => n + text.length, 0);
  process.stdout.write(`${style}: ${count} sentences, ${(units / count).toFixed(1)} UTF-16 units each on average\n`);
  const bytes = made.sentences.map(({ text }) => Buffer.from(text));
  const ceiling = rate(bytes, one => one.toString().normalize('NFKC'));
  row('ceiling: copied and normalized (NFKC)', ceiling);
  const house = dictionary(knownOf(made.registry, 'staff'));
  row(`cleaned, registry of ${house.forms.toLocaleString('en')} forms`, sentences(made, house), ceiling);
  // A chart's page at a time.
  const pages: { readonly text: string; readonly patient: number }[] = [];
  for (let i = 0; i < made.sentences.length; i += 40)
    pages.push({
      text: made.sentences
        .slice(i, i + 40)
        .map(({ text }) => text)
        .join('\n'),
      patient: made.sentences[i]!.patient,
    });
  row(
    'the same, 40 sentences at a time',
    40 * sentences({ ...made, sentences: pages.map(page => ({ ...page, truth: [] })) }, house),
    ceiling,
  );
}

const made = corpus('tuned', count);
const perPatient = rate(made.patients, of => dictionary(knownOf(of, 'patient')));
process.stdout.write(`a patient's dictionary: ${(1000 / perPatient).toFixed(2)} ms\n`);

/** Names as many as wanted, all different: the surnames of the generator with given names of two kanji. */
function registryOf(size: number): AnyResource[] {
  const r = random('registry');
  const given = '一二三太健正和義明光博文武英勝秀雄夫男子美恵由紀真智香奈彩優里佳菜沙織千春夏秋'.split('');
  return Array.from({ length: size }, (_, i) => {
    const { family, familyKana, givenKana } = name(r, 'male');
    const serial = String(i);
    return {
      resourceType: 'Practitioner',
      id: serial,
      name: [
        { family, given: [r.pick(given) + r.pick(given) + r.pick(given)] },
        { family: familyKana, given: [givenKana + r.pick(['', 'ロウ', 'スケ', 'ヒコ'])] },
      ],
    };
  });
}

globalThis.gc?.();
const known = knownOf(registryOf(Number(values.registry)), 'staff');
const before = process.threadCpuUsage();
const registry = dictionary(known);
const { user, system } = process.threadCpuUsage(before);
process.stdout.write(
  `registry of ${Number(values.registry).toLocaleString('en')} people: ${registry.forms.toLocaleString('en')} forms, ${registry.automaton.states.toLocaleString('en')} states, ` +
    `built in ${((user + system) / 1e6).toFixed(2)} s, ${(registry.automaton.bytes / 2 ** 20).toFixed(1)} MB (${(registry.automaton.bytes / registry.automaton.states).toFixed(1)} bytes a state)\n`,
);
row('cleaned with it', sentences(made, registry));
process.stdout.write(`memory: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB at most\n`);
