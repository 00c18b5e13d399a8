// contract: who entered without notice (law-and-japan, tests d and f). https://hl7.org/fhir/R4/communication.html
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createEntered, createReleaseCheck } from '../../src/consent/entered.ts';
import { stopsIn } from '../../src/consent/stops.ts';
import { codes, day, type Ground, noon, notice, numberSystem, openGround, patient, zone } from './ground.ts';

let ground: Ground;
beforeEach(async () => {
  ground = await openGround();
});
afterEach(() => ground.close());

const parts = () => ({
  store: ground.store,
  institutions: (sender: string) => {
    const hospital = sender.replace('Organization/', '');
    return codes[hospital] === undefined ? undefined : { numberSystem: numberSystem(hospital), code: codes[hospital]! };
  },
  waitDays: 30,
  timeZone: zone,
  now: () => noon,
});
/** Past the gate, as a fault would do it. */
const smuggle = (hospital: string, id: string, number: string, sender = `Organization/${hospital}`) =>
  ground.store.commit({
    writes: [{ type: 'Patient', id, resource: { ...patient(hospital, number), id }, expect: 'any', sender }],
  });

test('entered without notice: nobody, when all came through the gate, and a tester’s patients do not count', async () => {
  await ground.write('hospital-1', notice('hospital-1', 'A', 40));
  await ground.write('hospital-1', patient('hospital-1', 'A'));
  await smuggle('hospital-1', 'made', 'T', 'client/tester');
  expect(await createEntered(parts())()).toEqual([]);
});

test('entered without notice: without one, with a young one, with one of another institution, with one for another number', async () => {
  await ground.write('hospital-1', notice('hospital-1', 'YOUNG', 30), notice('hospital-1', 'OTHER', 40));
  await ground.write('hospital-2', notice('hospital-2', 'ELSE', 40));
  await smuggle('hospital-1', 'none', 'NONE');
  await smuggle('hospital-1', 'young', 'YOUNG');
  await smuggle('hospital-1', 'else', 'ELSE');
  await ground.store.commit({
    writes: [
      {
        type: 'Patient',
        id: 'linked',
        resource: { ...patient('hospital-1', 'MINE', { link: [{ other: { reference: 'Patient/none' }, type: 'seealso' }] }), id: 'linked' },
        expect: 'any',
        sender: 'Organization/hospital-1',
      },
    ],
  });
  expect(await createEntered(parts())()).toEqual(['Patient/else', 'Patient/linked', 'Patient/none', 'Patient/young']);
});

test('entered without notice: a later look sees what came since, a notice given afterwards heals nothing, and who is taken out is gone', async () => {
  const entered = createEntered(parts());
  expect(await entered()).toEqual([]);
  await smuggle('hospital-1', 'late', 'LATE');
  expect(await entered()).toEqual(['Patient/late']);
  ground.at(noon + 60 * day);
  await ground.write('hospital-1', notice('hospital-1', 'LATE', -5));
  await smuggle('hospital-1', 'late', 'LATE');
  expect(await entered()).toEqual(['Patient/late']);
  await ground.store.commit({ writes: [{ type: 'Patient', id: 'late', expect: 'any', sender: 'Organization/hospital-1' }] });
  expect(await entered()).toEqual([]);
});

test('release: a finding refuses it, starts the clock of the breach and stops release until it is resumed', async () => {
  const check = createReleaseCheck(parts(), createEntered(parts()));
  await check();
  await smuggle('hospital-1', 'x', 'X');
  await expect(check()).rejects.toThrow('entered without notice');
  const book = await ground.store.book('stops');
  expect(stopsIn(book)).toMatchObject([{ event: 'breach', what: ['release'], time: noon, by: 'noren' }]);
  await expect(check()).rejects.toThrow('Release is stopped');
  expect((await ground.store.book('stops')).length).toBe(1);
});
