/**
 * What MongoDB is given to keep: how many documents of each collection a made population makes, and their sizes as BSON, beside the JSON that was posted. No speeds: any server will do,
 * a slow one too.
 * STORE=mongodb://… (an empty database) node bench/documents.ts [--patients 200] [--each 10]
 * @module
 */
import { parseArgs } from 'node:util';
import { BSON, MongoClient } from 'mongodb';
import { growing, patientsInBundle } from './grow.ts';
import { closeConnections, startTarget } from './measure.ts';
import { bundle } from './population.ts';

const { values } = parseArgs({ options: { patients: { type: 'string', default: '200' }, each: { type: 'string', default: '10' } } });
const [patients, each] = [Number(values.patients), Number(values.each)];
const store = process.env['STORE'] ?? '';
if (!store.startsWith('mongodb')) throw new Error('STORE must be the URI of a MongoDB.');

const target = await startTarget();
await growing(each).to(target, patients);
await target.stop();
closeConnections();

const inBundle = patientsInBundle(each);
let json = 0;
for (let n = 0; n < patients; n += inBundle) {
  const posted = JSON.parse(bundle(n, Math.min(patients, n + inBundle), each).toString()) as { entry: { resource: object }[] };
  for (const { resource } of posted.entry) json += Buffer.byteLength(JSON.stringify(resource));
}
const resources = patients * each;
const client = new MongoClient(store);
const data = client.db();
const keys = process.env['KEYS'] ? new MongoClient(process.env['KEYS']) : client;
const keysDatabase = process.env['KEYS'] ? keys.db() : client.db(`${data.databaseName}_keys`);
process.stdout.write(
  `\n${patients.toLocaleString('en')} patients, ${resources.toLocaleString('en')} resources, ${Math.round(json / resources)} bytes of JSON each\n`,
);
for (const collection of [data.collection('log'), data.collection('blocks'), keysDatabase.collection('keys')]) {
  let [documents, bytes] = [0, 0];
  for await (const one of collection.find({})) {
    documents++;
    bytes += BSON.calculateObjectSize(one);
  }
  process.stdout.write(
    `${collection.collectionName.padEnd(8)} ${String(documents).padStart(7)} documents of ${Math.round(bytes / documents)} bytes; ${(bytes / resources).toFixed(0)} bytes a resource, ${(bytes / patients).toFixed(0)} a patient; ${(bytes / json).toFixed(2)} of the JSON\n`,
  );
}
await Promise.all([client.close(), keys.close()]);
