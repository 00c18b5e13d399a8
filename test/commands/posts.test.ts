// https://hl7.org/fhir/R4/http.html#transaction; NDJSON: https://hl7.org/fhir/uv/bulkdata/
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { filesOf, type Piece, type Post, postsOf, type Unreadable } from '../../src/commands/posts.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'noren-posts-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const write = (name: string, content: string | Buffer): string => {
  const file = path.join(root, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
};
const all = async (file: string, taken: (hash: string) => boolean = () => false): Promise<(Post | Unreadable | Piece)[]> => {
  const found = [];
  for await (const one of postsOf(file, taken)) found.push(one);
  return found;
};
const bundle = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [] });

test('files: a directory is walked in the order of names, and only what can be loaded is taken', () => {
  for (const name of ['walk/b.json', 'walk/a/2.ndjson.gz', 'walk/a/1.json.gz', 'walk/readme.txt', 'walk/c.ndjson']) write(name, '');
  expect(filesOf(path.join(root, 'walk')).map(f => path.relative(root, f))).toEqual([
    'walk/a/1.json.gz',
    'walk/a/2.ndjson.gz',
    'walk/b.json',
    'walk/c.ndjson',
  ]);
});

test('files: a path that is not there, of another kind, or a directory without any is refused', () => {
  mkdirSync(path.join(root, 'empty'));
  expect(() => filesOf(path.join(root, 'nowhere'))).toThrow('There is no');
  expect(() => filesOf(write('x.xml', '<a/>'))).toThrow('is no .json');
  expect(() => filesOf(path.join(root, 'empty'))).toThrow('holds no .json');
});

test('posts: a transaction goes to the base, byte for byte, packed or not', async () => {
  const spaced = JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [] }, null, 4);
  for (const file of [write('t.json', spaced), write('t.json.gz', gzipSync(spaced))]) {
    const [post, ...more] = (await all(file)) as Post[];
    expect(more).toEqual([]);
    expect([post!.method, post!.path, post!.body.toString()]).toEqual(['POST', '', spaced]);
  }
});

test('posts: a resource with an id is put, one with an identifier is created once, any other is created', async () => {
  const one = async (resource: object) =>
    ((await all(write('one.json', JSON.stringify({ resourceType: 'Patient', ...resource })))) as Post[])[0]!;
  expect(await one({ id: 'p1' })).toMatchObject({ method: 'PUT', path: 'Patient/p1', headers: {} });
  expect(await one({ identifier: [{ system: 'urn:a', value: 'x y' }] })).toMatchObject({
    method: 'POST',
    path: 'Patient',
    headers: { 'if-none-exist': 'identifier=urn%3Aa%7Cx%20y' },
  });
  expect(await one({})).toMatchObject({ method: 'POST', path: 'Patient', headers: {} });
  expect(await one({ resourceType: 'Bundle', type: 'collection' })).toMatchObject({ method: 'POST', path: 'Bundle' });
  const tag = [{ system: 'http://jpfhir.jp/fhir/FASTHDJ/CodeSystem/BundleTransactionType_CS', code: 'INS' }];
  expect(await one({ resourceType: 'Bundle', type: 'collection', meta: { tag } })).toMatchObject({ method: 'POST', path: '' });
});

test('posts: NDJSON lines go as batches, each line named; a bundle on a line goes alone', async () => {
  const lines = [
    ...Array.from({ length: 250 }, (_, i) => JSON.stringify({ resourceType: 'Patient', id: `p${i}` })),
    bundle,
    '',
    '{"no',
    '[1]',
  ];
  for (const file of [write('n.ndjson', lines.join('\n')), write('n.ndjson.gz', gzipSync(lines.join('\r\n') + '\r\n'))]) {
    const found = await all(file);
    const posts = found.filter(p => 'method' in p);
    expect(posts.map(p => [p.batch, p.pieces.length])).toEqual([
      [true, 200],
      [false, 1],
      [true, 50],
    ]);
    const first = JSON.parse(posts[0]!.body.toString());
    expect([first.type, first.entry.length, first.entry[7].request]).toEqual(['batch', 200, { method: 'PUT', url: 'Patient/p7' }]);
    expect(posts[2]!.pieces[49]!.name).toBe(`${file}:250`);
    expect(found.filter(p => 'reason' in p).map(p => p.name)).toEqual([`${file}:253`, `${file}:254`]);
  }
});

test('posts: what is no FHIR resource, or cannot be unpacked, is named and not thrown', async () => {
  for (const content of ['', '{', 'null', '{"a":1}', '"text"']) {
    expect(await all(write('bad.json', content))).toMatchObject([{ reason: expect.stringContaining('no FHIR resource') }]);
  }
  expect(await all(write('bad.json.gz', 'not packed'))).toMatchObject([{ reason: 'cannot be read' }]);
  expect(await all(write('bad.ndjson.gz', 'not packed'))).toMatchObject([{ reason: 'cannot be read' }]);
});

test('posts: what was taken before is left out, also line by line', async () => {
  const file = write('again.ndjson', ['a', 'b', 'c'].map(id => JSON.stringify({ resourceType: 'Patient', id })).join('\n'));
  const [first] = (await all(file)) as Post[];
  const again = await all(file, hash => hash === first!.pieces[1]!.hash);
  expect(again.map(p => ('pieces' in p ? p.pieces.map(x => x.name) : p.name))).toEqual([`${file}:2`, [`${file}:1`, `${file}:3`]]);
  const [whole] = (await all(write('again.json', bundle))) as Post[];
  expect(await all(path.join(root, 'again.json'), hash => hash === whole!.pieces[0]!.hash)).toEqual(whole!.pieces);
});
