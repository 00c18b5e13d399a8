/**
 * How fast XML is read and written, beside JSON.parse and JSON.stringify of the same resources in the same run.
 * Reads the Synthea bundles of ../shared when they are there, else bundles that the generator makes. `node bench/xml.ts`
 * @module
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { writeHospitals } from '../src/commands/generate.ts';
import { parseJson } from '../src/fhir/model/json.ts';
import type { AnyResource } from '../src/fhir/model/r4.ts';
import { readXml } from '../src/fhir/xml/read-xml.ts';
import { writeXml } from '../src/fhir/xml/write-xml.ts';

function bundles(): Buffer[] {
  const folder = path.resolve(import.meta.dirname, '../../shared/data/synthea');
  if (existsSync(folder)) {
    return readdirSync(folder).flatMap(set =>
      readdirSync(path.join(folder, set))
        .filter(file => file.endsWith('.json.gz'))
        .slice(0, 3)
        .map(file => gunzipSync(readFileSync(path.join(folder, set, file)))),
    );
  }
  console.log('../shared/data/synthea is not there: generated bundles instead');
  const made = mkdtempSync(path.join(tmpdir(), 'noren-bench-xml-'));
  try {
    writeHospitals({ patients: 40, seed: 'xml', day: '2026-01-31' }, made);
    return readdirSync(made, { recursive: true, encoding: 'utf8' })
      .filter(file => /^hospital-.*\.json$/.test(file))
      .map(file => readFileSync(path.join(made, file)));
  } finally {
    rmSync(made, { recursive: true });
  }
}

/** Seconds that `work` takes for all items: the best of a few rounds, after one to warm up. */
function seconds<T>(items: readonly T[], work: (item: T) => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  const until = performance.now() + 3000;
  for (let round = 0; round < 4 || (performance.now() < until && round < 50); round++) {
    const start = performance.now();
    for (const item of items) work(item);
    if (round > 0) best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

const resources = bundles()
  .flatMap(bundle => (parseJson(bundle, { maxDepth: 200 }) as { entry: { resource: AnyResource }[] }).entry)
  .map(({ resource }) => resource);
const json = resources.map(resource => Buffer.from(JSON.stringify(resource)));
const xml = resources.map(resource => writeXml(resource));
const mega = (buffers: readonly Buffer[]) => buffers.reduce((sum, one) => sum + one.length, 0) / 1e6;
console.log(`${resources.length} resources: ${mega(json).toFixed(1)} MB of JSON, ${mega(xml).toFixed(1)} MB of XML`);

const plain = seconds(json, bytes => JSON.parse(bytes.toString('utf8')));
const strict = seconds(json, bytes => parseJson(bytes));
const reading = seconds(xml, bytes => readXml(bytes));
const text = seconds(resources, resource => Buffer.from(JSON.stringify(resource)));
const writing = seconds(resources, resource => writeXml(resource));
const row = (name: string, time: number, buffers: readonly Buffer[], ceiling: number) =>
  console.log(
    `${name.padEnd(16)} ${(mega(buffers) / time).toFixed(0).padStart(5)} MB/s  ${((1e6 * time) / resources.length).toFixed(1).padStart(6)} µs a resource  ${(time / ceiling).toFixed(2)} times`,
  );
row('JSON.parse', plain, json, plain);
row('parseJson', strict, json, plain);
row('readXml', reading, xml, plain);
row('JSON.stringify', text, json, text);
row('writeXml', writing, xml, text);
