// docs/audit.md: append-only, hash-chained, kept before the answer leaves; FIPS 180-4, RFC 2104.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { hmac } from '../../src/audit/chain.ts';
import { type AuditOptions, openAudit } from '../../src/audit/log.ts';
import { verify } from '../../src/audit/verify.ts';
import { forget, key, read, scratch, start } from './ground.ts';

let directory: string;
beforeEach(() => {
  directory = scratch();
});
afterEach(() => forget(directory));
const open = (more: Partial<AuditOptions> = {}) => openAudit({ directory, now: () => start, sync: 'normal', key, ...more });
const check = (more: object = {}) => verify({ directory, key, ...more });
const segment = (number = 1) => path.join(directory, `00000${number}.log`);
const linesOf = (number = 1) => readFileSync(segment(number), 'utf8').split('\n').slice(0, -1);
const put = (lines: readonly string[], number = 1) => writeFileSync(segment(number), lines.map(line => line + '\n').join(''));
async function filled(count: number, more: Partial<AuditOptions> = {}): Promise<void> {
  const audit = await open(more);
  for (let n = 1; n <= count; n++) await audit.record(read({ requestId: `request-${n}` }));
  await audit.close();
}
const texts = async (more: object = {}) =>
  (await check(more)).breaks.map(one => `${one.segment} ${one.line} ${one.seq ?? '-'}: ${one.text}`);

test.each([32, 63, 64, 65, 200])('HMAC-SHA-256 with a key of %i bytes is what RFC 2104 says', length => {
  const long = Buffer.alloc(length, 11);
  const ours = hmac(long);
  for (const text of ['', 'a', '山田\ud800', 'z'.repeat(30_000), '字'.repeat(50_000), 'b'])
    expect(ours(text)).toBe(createHmac('sha256', long).update(text).digest('base64url'));
});

describe('the log', () => {
  test('a fresh log, filled, closed and opened again, is whole', async () => {
    await filled(5);
    await filled(3);
    expect(await check()).toMatchObject({ records: 8, last: { seq: 8 }, keyed: true, breaks: [], tornEnds: 0 });
  });

  test('its files are the owner’s alone', async () => {
    const made = path.join(directory, 'audit');
    const audit = await open({ directory: made });
    await audit.record(read());
    expect(statSync(made).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(made)) expect([name, statSync(path.join(made, name)).mode & 0o777]).toEqual([name, 0o600]);
    await audit.close();
  });

  test('a record is in the file when record() resolves', async () => {
    const audit = await open({ sync: 'full' });
    await audit.record(read({ requestId: 'now-durable' }));
    expect(readFileSync(segment(), 'utf8')).toContain('"requestId":"now-durable"');
    await audit.close();
    await expect(audit.record(read())).rejects.toThrow('closed');
  });

  test('the mark names the record when record() resolves: nothing acknowledged can be cut off unseen', async () => {
    const audit = await open();
    for (let n = 1; n <= 3; n++) {
      await audit.record(read());
      expect(readFileSync(path.join(directory, 'mark'), 'utf8')).toMatch(new RegExp(`^0{14}${n} `));
    }
    await audit.close();
  });

  describe('a record of a GET may be synced after its answer has left', () => {
    const mark = () => Number(readFileSync(path.join(directory, 'mark'), 'utf8').slice(0, 15));

    test('it is in the file when record() resolves; the mark names it once it is on the disk', async () => {
      const audit = await open({ sync: 'full', readSyncMs: 50 });
      await audit.record(read({ requestId: 'soon-durable' }));
      expect(readFileSync(segment(), 'utf8')).toContain('"requestId":"soon-durable"');
      expect(mark()).toBe(0);
      for (let tries = 0; mark() === 0 && tries < 200; tries++) await new Promise(resolve => setTimeout(resolve, 25));
      expect(mark()).toBe(1);
      await audit.close();
    });

    test.each(['POST', 'PUT', 'DELETE', 'PATCH'])('a %s waits for the disk, and takes along what was read before it', async method => {
      const audit = await open({ sync: 'full', readSyncMs: 1000 });
      await audit.record(read());
      expect(mark()).toBe(0);
      await audit.record(read({ method }));
      expect(mark()).toBe(2);
      await audit.close();
    });

    test('closing leaves nothing behind', async () => {
      const audit = await open({ sync: 'full', readSyncMs: 1000 });
      await audit.record(read());
      await audit.close();
      expect(mark()).toBe(1);
      expect(await check()).toMatchObject({ records: 1, breaks: [] });
    });

    test('segments follow each other while syncs are on their way', async () => {
      const audit = await open({ sync: 'full', readSyncMs: 1, maxSegmentBytes: 2000 });
      for (let n = 0; n < 300; n++) await audit.record(read());
      expect(audit.ready()).toBe(true);
      await audit.close();
      expect(await check()).toMatchObject({ records: 300, breaks: [] });
    });
  });

  test('1,000 records at once keep their order and their number', async () => {
    const audit = await open();
    await Promise.all(Array.from({ length: 1000 }, (_, n) => audit.record(read({ requestId: `r-${n}` }))));
    await audit.close();
    const found = linesOf()
      .slice(1)
      .map(line => /^(\d+) .*"requestId":"r-(\d+)"/.exec(line)!.slice(1).map(Number));
    expect(found).toEqual(Array.from({ length: 1000 }, (_, n) => [n + 1, n]));
    expect((await check()).breaks).toEqual([]);
  });

  test('a full segment is followed by another; the chain runs through', async () => {
    await filled(20, { maxSegmentBytes: 2000 });
    expect(readdirSync(directory).filter(name => name.endsWith('.log')).length).toBeGreaterThan(3);
    expect(await check()).toMatchObject({ records: 20, breaks: [] });
  });

  test('what does not look like an id, a name or an address does not go in', async () => {
    const canary = '漏洩検査';
    const audit = await open();
    await audit.record(
      read({
        type: canary,
        id: canary,
        client: canary,
        requestId: canary,
        token: canary,
        address: canary,
        issue: canary,
        interaction: canary,
        patients: [canary, `Patient/${canary}`],
        parameters: ['family', '_has:Observation:patient:code', 'Yamada', 'name:Yamada', 'subject.Yamada', canary, `name=${canary}`],
        entries: { create: [canary], [canary]: ['Patient/1'] },
        sender: canary,
        purpose: canary,
        role: canary,
        method: canary,
        versionId: canary,
      }),
    );
    await audit.close();
    const written = readFileSync(segment(), 'utf8');
    expect(written).not.toContain(canary);
    expect(written).not.toContain('\\u6f0f');
    expect(written).not.toContain('Yamada');
    expect(written).toContain('"parameters":["family","_has:Observation:patient:code","unusable"]');
  });

  test('a log that was written with a key is not gone on with without it, nor the other way round', async () => {
    await filled(1);
    await expect(openAudit({ directory, now: () => start })).rejects.toThrow('needs the key');
    forget(directory);
    directory = scratch();
    const { key: _, ...without } = { directory, now: () => start, key };
    await (await openAudit(without)).close();
    await expect(open()).rejects.toThrow('without a key');
    expect(await verify({ directory })).toMatchObject({ breaks: [], keyed: false });
  });
});

describe('verify finds', () => {
  beforeEach(() => filled(9));

  test('a changed byte', async () => {
    put(linesOf().map((line, n) => (n === 4 ? line.replace('Patient/p1', 'Patient/p2') : line)));
    expect(await texts()).toEqual(['000001.log 5 4: the line was changed, or the one before it']);
  });

  test('a changed line whose hash was made anew without the key', async () => {
    const forged = scratch();
    const audit = await openAudit({ directory: forged, now: () => start, key: Buffer.alloc(32, 8), sync: 'normal' });
    await audit.record(read({ requestId: 'forged' }));
    await audit.close();
    const line = readFileSync(path.join(forged, '000001.log'), 'utf8').split('\n')[1]!;
    forget(forged);
    put(linesOf().map((one, n) => (n === 1 ? line : one)));
    expect((await texts()).length).toBeGreaterThan(0);
  });

  test('a removed line', async () => {
    put(linesOf().filter((_, n) => n !== 4));
    expect(await texts()).toEqual(['000001.log 5 5: records 4 to 4 are missing before it']);
  });

  test('swapped lines', async () => {
    const lines = linesOf();
    [lines[3], lines[4]] = [lines[4]!, lines[3]!];
    put(lines);
    expect(await texts()).toEqual([
      '000001.log 4 4: records 3 to 3 are missing before it',
      '000001.log 5 3: the line is out of order',
      '000001.log 6 5: the line was changed, or the one before it',
    ]);
  });

  test('an inserted line', async () => {
    const lines = linesOf();
    put([...lines.slice(0, 4), lines[3]!, ...lines.slice(4)]);
    expect(await texts()).toEqual(['000001.log 5 3: the line is out of order']);
  });

  test.each([1, 4, 9])('a tail of %i lines cut off', async count => {
    put(linesOf().slice(0, -count));
    expect(await texts()).toEqual([`000001.log 0 9: the end is cut: records ${10 - count} to 9 are gone`]);
  });

  test('a cut tail, also after the server has gone on', async () => {
    put(linesOf().slice(0, -3));
    await filled(2);
    const found = await texts();
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringContaining('records 7 to 9 are missing'),
        expect.stringContaining('a start found: records-missing'),
      ]),
    );
    expect((await check()).last.seq).toBe(12);
  });

  test('a missing or forged mark', async () => {
    const mark = path.join(directory, 'mark');
    writeFileSync(mark, readFileSync(mark, 'utf8').replace('000000000000009', '000000000000005'));
    expect(await texts()).toEqual(['000001.log 0 -: the mark of the last record is not genuine']);
    rmSync(mark);
    expect(await texts()).toEqual(['000001.log 0 -: the mark of the last record is gone']);
    await filled(1);
    expect(await texts()).toEqual([expect.stringContaining('a start found: mark-missing')]);
  });

  test('all segments gone', async () => {
    rmSync(segment());
    expect(await texts()).toEqual(['no segment 0 9: the end is cut: records 1 to 9 are gone']);
    await filled(1);
    expect((await texts()).join()).toContain('records 1 to 9 are missing');
  });

  test('a segment taken out of the middle, a changed first line', async () => {
    await filled(20, { maxSegmentBytes: 1000 });
    const [first, , third] = [linesOf(1), 0, linesOf(3)];
    const head = third[0]!;
    put([head.replace(/\d+$/, '1'), ...third.slice(1)], 3);
    expect(await texts()).toEqual([expect.stringMatching(/^000003.log 2 .*changed/)]);
    put(third, 3);
    expect(await texts()).toEqual([]);
    rmSync(segment(2));
    expect((await texts())[0]).toMatch(/^000003.log 1 -: the segments before it, from 000002.log on, are gone/);
    expect(first.length).toBeGreaterThan(1);
  });

  test('a log put back to an earlier day, by the hash noted since', async () => {
    const earlier = scratch();
    cpSync(directory, earlier, { recursive: true });
    await filled(3);
    const { last } = await check();
    expect(await texts({ expected: last })).toEqual([]);
    forget(directory);
    cpSync(earlier, directory, { recursive: true });
    forget(earlier);
    expect(await texts()).toEqual([]);
    expect(await texts({ expected: last })).toEqual([expect.stringContaining('the record that was noted is gone')]);
  });

  test('nothing where it is asked with another key than all is wrong', async () => {
    expect((await verify({ directory, key: Buffer.alloc(32, 9) })).breaks.length).toBeGreaterThan(0);
    expect((await verify({ directory })).breaks[0]?.text).toContain('written with a key');
  });
});

describe('killed in the middle of a write', () => {
  test('a torn line is cut off at the next start, set aside and noted; nothing before it is lost', async () => {
    await filled(3);
    appendFileSync(segment(), '4 abcdefg');
    expect(await texts()).toEqual([]);
    await filled(1);
    const verified = await check();
    expect(verified).toMatchObject({ records: 5, breaks: [], tornEnds: 1 });
    expect(readFileSync(path.join(directory, '000001.torn'), 'utf8')).toBe('4 abcdefg');
  });

  test('a line torn out of what was acknowledged is no torn end', async () => {
    await filled(3);
    truncateSync(segment(), statSync(segment()).size - 10);
    expect(await texts()).toEqual([expect.stringContaining('the end is cut: records 3 to 3')]);
    await filled(1);
    expect((await check()).breaks.length).toBeGreaterThan(0);
  });

  test('kill -9 under load: every acknowledged record is there, the chain is whole', async () => {
    const source = `
      import { openAudit } from ${JSON.stringify(new URL('../../src/audit/log.ts', import.meta.url).href)};
      const audit = await openAudit({ directory: process.argv[1], now: () => 0, key: Buffer.alloc(32, 7), maxSegmentBytes: 20000 });
      let n = 0;
      for (let client = 0; client < 16; client++) (async () => { for (;;) { const id = 'k-' + process.pid + '-' + n++; await audit.record({ time: 0, requestId: id, interaction: 'read', status: 200 }); process.stdout.write(id + '\\n'); } })();`;
    const acknowledged: string[] = [];
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', source, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.on('data', data => {
        said += data;
        if (said.split('\n').length > 150 + round * 37) child.kill('SIGKILL');
      });
      await new Promise(resolve => child.on('close', resolve));
      acknowledged.push(...said.split('\n').slice(0, -1));
    }
    const audit = await open({ maxSegmentBytes: 20000 });
    await audit.close();
    const verified = await check();
    expect(verified.breaks).toEqual([]);
    const written = readdirSync(directory)
      .filter(name => name.endsWith('.log'))
      .map(name => readFileSync(path.join(directory, name), 'utf8'))
      .join('');
    const there = new Set([...written.matchAll(/"requestId":"(k-[^"]+)"/g)].map(m => m[1]));
    expect(acknowledged.length).toBeGreaterThan(700);
    expect(acknowledged.filter(id => !there.has(id))).toEqual([]);
  });
});
