// docs/deidentification/offline.md#keys: one keys file under several policies
import { expect, test } from '@jest/globals';
import { keysUnder } from '../../src/offline/keys.ts';

const secret = Buffer.alloc(32, 1);
const link = Buffer.alloc(32, 2);
const drawn = (policy: Parameters<typeof keysUnder>[1]) => {
  const { pseudonym, uid, hash, uniform, shiftDays } = keysUnder(secret, policy, link);
  return [
    pseudonym('Patient', 'p'),
    uid('1.2.3'),
    hash('x'),
    uniform('x'),
    Array.from({ length: 10 }, (_, i) => shiftDays(`p${i}`)).join(),
  ];
};

test('one policy draws the same each time; another name, or another range of shifts, has nothing of it', () => {
  const all = [{ name: 'a' }, { name: 'b' }, { name: 'a', shift: { mostDays: 30 } }, { name: 'a', shift: { wholeWeeks: true } }];
  for (const policy of all) expect(drawn(policy)).toEqual(drawn({ ...policy }));
  for (const place of [0, 1, 2, 3, 4]) expect(new Set(all.map(policy => drawn(policy)[place])).size).toBe(all.length);
});

test('what is encrypted is decrypted with the keys file, under whatever policy; what joins joins', () => {
  const [a, b] = [keysUnder(secret, { name: 'a' }, link), keysUnder(secret, { name: 'b' }, link)];
  expect(b.decrypt(a.encrypt('here', 'text'))).toBe('text');
  expect(b.link!('number')).toBe(a.link!('number'));
  expect(keysUnder(secret, { name: 'a' }).link).toBeUndefined();
});
