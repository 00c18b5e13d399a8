// https://hl7.org/fhir/smart-app-launch/app-launch.html: patients and a front desk, in a browser, with the whole real server and two generated hospitals
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Bundle, Communication, Consent, Patient } from '@medplum/fhirtypes';
import type { Browser, Page } from 'playwright-core';
import { accountsFile, putAccount } from '../../src/auth/accounts.ts';
import { hashed } from '../../src/auth/password.ts';
import { passwordFile } from '../../src/auth/sandbox-accounts.ts';
import { body, bundlesIn, loadAll, openWorld, patientOf, refusal, type World } from '../journeys/world.ts';
import { buildPages, desktop, launch, openDevice, phone, picture, tablet, violations, type Watched, whyNot } from './browser.ts';

if (whyNot !== undefined) process.stderr.write(`SKIPPED: ${whyNot}\n`);
const inBrowser = whyNot === undefined ? describe : describe.skip;

const password = 'correct horse battery staple';
let browser: Browser;
let world: World;
let origin: string;
let device: Watched;
let bundles: Bundle[];

/** A patient of hospital-1 as the server knows him. */
async function stored(bundle: Bundle): Promise<Patient> {
  const number = patientOf(bundle).identifier![0]!;
  const tester = await world.as('tester');
  const found = await tester.search({ resourceType: 'Patient', searchParams: { identifier: `${number.system}|${number.value}` } });
  return (found as unknown as Bundle).entry![0]!.resource as Patient;
}

const accountOf = async (login: string, account: { fhirUser: string; organization?: string; patients: readonly string[] }) =>
  putAccount(accountsFile(world.data), { login, password: await hashed(password), ...account });

/** The authorization server's own pages: who, then for whom and what. */
async function signIn(page: Page, login: string, patient?: string, secret = password, refused?: string): Promise<void> {
  await page.locator('#login').fill(login);
  expect(await violations(page)).toEqual([]);
  await page.locator('#password').fill(secret);
  await page.locator('button[value=sign-in]').click();
  await page.locator('button[value=agree]').waitFor();
  await picture(page, `noren-0-consent-${login}`);
  expect(await violations(page)).toEqual([]);
  if (patient !== undefined) await page.locator(`input[name=patient][value="${patient}"]`).check();
  if (refused !== undefined) await page.locator(`input[name=scope][value="${refused}"]`).uncheck();
  await page.locator('button[value=agree]').click();
}

inBrowser('the pages with Noren', () => {
  beforeAll(async () => {
    buildPages();
    world = await openWorld(30);
    await loadAll(world);
    origin = new URL(world.baseUrl).origin;
    bundles = bundlesIn(world, 'hospital-1');
    browser = await launch();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });
  afterEach(() => device?.context.close());

  const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
  /** Nobody else was asked, no page broke its policy; 401, 403 and 404 are answers that a page expects. */
  const onlyHere = () => {
    expect([...new Set(device.requests.filter(url => !url.startsWith('blob:')).map(url => new URL(url).origin))]).toEqual([origin]);
    expect(device.errors.filter(text => !/status of 40[134]/.test(text))).toEqual([]);
  };
  const overview = async (login: string, patient?: string, language: 'ja' | 'en' = 'ja', size = phone): Promise<Page> => {
    device = await openDevice(browser, size, language);
    await device.page.goto(`${origin}/app/objection/`);
    await device.page.getByRole('button', { name: language === 'ja' ? 'サインインする' : 'Sign in' }).click();
    await signIn(device.page, login, patient);
    await heading(device.page, language === 'ja' ? 'あなたの記録の今' : 'Your records today');
    return device.page;
  };

  test('patient: sees what is held, in numbers alone, and the notice in the words that were used', async () => {
    const { id } = await stored(bundles[3]!);
    await accountOf('four', { fhirUser: `Patient/${id}`, patients: [`Patient/${id}`] });
    const page = await overview('four', undefined, 'en', desktop);
    await page.getByRole('img', { name: /Sandbox Hospital 1: records by year/ }).waitFor();
    await page.getByText('Your records have not been part of any study.').waitFor();
    await page.getByText(/^Sandbox Hospital 1 · \d+ \w+ \d{4}$/).waitFor();
    for (const summary of await page.locator('summary').all()) await summary.click();
    await picture(page, 'noren-1-overview-en-1280');
    expect(await violations(page)).toEqual([]);
    const shown = (await page.locator('main').textContent())!;
    const codes = bundles[3]!.entry!.flatMap(({ resource }) =>
      resource?.resourceType === 'Condition' ? (resource.code?.coding ?? []) : [],
    );
    expect(codes.length).toBeGreaterThan(0);
    for (const { code, display } of codes) {
      expect(shown).not.toContain(code!);
      if (display !== undefined) expect(shown).not.toContain(display);
    }
    onlyHere();
  });

  test('patient: objects in two taps, holds a receipt, and from then on nothing comes in; withdraws later', async () => {
    const bundle = bundles[0]!;
    const { id } = await stored(bundle);
    await accountOf('one', { fhirUser: `Patient/${id}`, patients: [`Patient/${id}`] });
    const page = await overview('one');
    await page.getByRole('button', { name: '「使わないで」と申し出る' }).click();
    await page.getByRole('button', { name: 'この内容で申し出る' }).click();
    await heading(page, '申し出を受けつけました');
    for (const [name, language] of [
      ['受領書を保存する（PDF）', 'ja'],
      ['英語の受領書（PDF）', 'en'],
    ] as const) {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name }).click();
      const saved = await download;
      expect(saved.suggestedFilename()).toMatch(new RegExp(`^noren-[0-9A-Z-]+-${language}\\.pdf$`));
      expect(
        readFileSync(await saved.path())
          .subarray(0, 5)
          .toString(),
      ).toBe('%PDF-');
    }
    await picture(page, 'noren-2-done-ja-390');
    expect(await violations(page)).toEqual([]);

    const hospital = await world.as('hospital-1');
    const { identifier: _, ...next } = bundle;
    expect((await refusal(hospital.transaction({ body: body(next) as never }))).status).toBe(422);

    await page.getByRole('button', { name: '記録の今を見る' }).click();
    await page.getByRole('heading', { name: '申し出を受けつけています' }).waitFor();
    await page.getByRole('heading', { name: 'あなたの記録は消されました' }).waitFor();
    await page.getByText('病院から集まった記録は、ありません。').waitFor();
    await picture(page, 'noren-3-after-ja-390');
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: /申し出の履歴/ }).click();
    await page.getByRole('button', { name: /^取り消す/ }).click();
    await page.getByRole('button', { name: '取り消す', exact: true }).click();
    await page.getByText('申し出を取り消しました。').waitFor();
    expect(await violations(page)).toEqual([]);
    // What came before stays out, and a new notice has to come first.
    expect((await refusal(hospital.transaction({ body: body(next) as never }))).status).toBe(422);
    onlyHere();
  });

  test('patient: who does not let the page see all records is told that nothing is counted, and objects all the same', async () => {
    const { id } = await stored(bundles[6]!);
    await accountOf('seven', { fhirUser: `Patient/${id}`, patients: [`Patient/${id}`] });
    device = await openDevice(browser, phone);
    const { page } = device;
    await page.goto(`${origin}/app/objection/`);
    await page.getByRole('button', { name: 'サインインする' }).click();
    await signIn(page, 'seven', undefined, password, 'patient/*.rs');
    await page.getByText('記録を見る許可がないため、件数を示せません。').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: '「使わないで」と申し出る' }).click();
    await page.getByRole('button', { name: 'この内容で申し出る' }).click();
    await heading(page, '申し出を受けつけました');
    onlyHere();
  });

  test('guardian: with several children chooses one, objects for it against one institution, and is written down as guardian', async () => {
    const [mother, child] = await Promise.all([stored(bundles[1]!), stored(bundles[2]!)]);
    await accountOf('two', { fhirUser: `Patient/${mother.id}`, patients: [`Patient/${mother.id}`, `Patient/${child.id}`] });
    const page = await overview('two', `Patient/${child.id}`);
    await page.getByRole('button', { name: '「使わないで」と申し出る' }).click();
    await heading(page, /申し出/);
    expect(await page.getByRole('radio', { name: /保護者/ }).isChecked()).toBe(true);
    await page.getByRole('radio', { name: 'Sandbox Hospital 1' }).check();
    await page.getByRole('button', { name: 'この内容で申し出る' }).click();
    await heading(page, '申し出を受けつけました');
    await page.getByText('Sandbox Hospital 1の記録は、もうどこにも渡されません。').waitFor();
    const app = await world.as('patient-app', `Patient/${child.id}`);
    const found = (await app.search({ resourceType: 'Consent', searchParams: {} })) as unknown as Bundle;
    const [consent] = found.entry!.map(one => one.resource as Consent);
    expect(consent).toMatchObject({
      patient: { reference: `Patient/${child.id}` },
      performer: [{ reference: '#asker' }],
      contained: [{ relationship: [{ coding: [{ code: 'GUARD' }] }] }],
      provision: { actor: [{ reference: { reference: 'Organization/hospital-1' } }] },
    });
    onlyHere();
  });

  test('patient: whose app is switched off in the middle signs in again once it is on, and is back where he was', async () => {
    const { id } = await stored(bundles[4]!);
    await accountOf('five', { fhirUser: `Patient/${id}`, patients: [`Patient/${id}`] });
    const page = await overview('five');
    await page.getByRole('button', { name: '「使わないで」と申し出る' }).click();
    await heading(page, /申し出/);
    const operator = await world.as('operator');
    const switched = (active: boolean) =>
      operator.operation({
        name: '$switch-client',
        input: body({
          resourceType: 'Parameters',
          parameter: [
            { name: 'client', valueString: 'objection-app' },
            { name: 'active', valueBoolean: active },
          ],
        }),
      });
    await switched(false);
    await page.getByRole('button', { name: 'この内容で申し出る' }).click();
    await page.getByText('サインインが切れました').waitFor();
    await switched(true);
    await page.getByRole('button', { name: 'サインインする' }).click();
    // The server may still know who is there, or ask again.
    const asks = page.locator('button[value=sign-in], button[value=agree]').first();
    await asks.or(page.getByRole('heading', { level: 1, name: /「使わないで」の申し出/ })).waitFor();
    if ((await asks.count()) > 0) {
      if ((await asks.getAttribute('value')) === 'sign-in') await signIn(page, 'five');
      else await asks.click();
    }
    await heading(page, /「使わないで」の申し出/);
    onlyHere();
  });

  test('desk: a scan records a notice in the name of the institution; a patient who says no is out at once', async () => {
    device = await openDevice(browser, tablet);
    const { page } = device;
    await page.goto(`${origin}/app/desk/`);
    await page.getByRole('button', { name: 'サインインする' }).click();
    const secret = JSON.parse(readFileSync(passwordFile(world.data, 'desk-1'), 'utf8')) as string;
    await signIn(page, 'desk-1', undefined, secret);
    await heading(page, 'Sandbox Hospital 1の受付');
    const hospital = await world.as('hospital-1');
    const noticesOf = async (value: string) => {
      const query = { subject: '', _count: '1000' };
      const { subject: _, ...searchParams } = query;
      const found = (await hospital.search({ resourceType: 'Communication', searchParams })) as unknown as Bundle;
      return (found.entry ?? []).map(one => one.resource as Communication).filter(one => one.subject?.identifier?.value === value);
    };
    await page.locator('#number').fill('0099887766');
    await page.keyboard.press('Enter');
    await page.locator('.big .digits', { hasText: '7766' }).waitFor();
    expect(await noticesOf('0099887766')).toMatchObject([{ status: 'completed', sender: { reference: 'Organization/hospital-1' } }]);

    // Somebody with one record: of records that were one person it cannot be told any more whose the number in an objection was.
    const elsewhere = new Set(bundlesIn(world, 'hospital-2').flatMap(one => patientOf(one).identifier!.map(({ value }) => value)));
    const alone = bundles.slice(7).find(one => patientOf(one).identifier!.every(({ value }) => !elsewhere.has(value)))!;
    const { id } = await stored(alone);
    const number = patientOf(alone).identifier!.find(one => one.system?.endsWith('1319999991'))!.value!;
    await page.getByRole('radio', { name: '「使わないで」と言われた' }).check();
    await page.locator('#number').fill(number);
    await page.keyboard.press('Enter');
    await page.locator('.big.no').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: '受領書を保存する（PDF）' }).click();
    expect((await download).suggestedFilename()).toMatch(/^noren-[0-9A-Z-]+-ja\.pdf$/);
    await picture(page, 'noren-4-desk-ja-1024');
    expect(await violations(page)).toEqual([]);
    const { identifier: _, ...next } = alone;
    expect((await refusal(hospital.transaction({ body: body(next) as never }))).status).toBe(422);
    onlyHere();
    await device.context.close();

    await accountOf('six', { fhirUser: `Patient/${id}`, patients: [`Patient/${id}`] });
    const app = await overview('six');
    await app.getByRole('heading', { name: '申し出を受けつけています' }).waitFor();
    await app.getByRole('button', { name: /申し出の履歴/ }).click();
    await app.getByText('病院か事業者が受けつけた申し出です。').waitFor();
    expect(await app.getByRole('button', { name: /^取り消す/ }).count()).toBe(0);
  });
});
