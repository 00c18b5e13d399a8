// https://hl7.org/fhir/R4/communication.html, https://hl7.org/fhir/R4/consent.html: the front desk's page with a server that is not Noren (a stand-in)
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Running, startServer } from '../../src/commands/serve.ts';
import { readConfig } from '../../src/config.ts';
import { buildPages, launch, openDevice, phone, picture, tablet, violations, type Watched, whyNot } from './browser.ts';
import { openStandIn, type StandIn } from './stand-in.ts';
import { receipt } from './world.ts';

if (whyNot !== undefined) process.stderr.write(`SKIPPED: ${whyNot}\n`);
const inBrowser = whyNot === undefined ? describe : describe.skip;

const numbers = 'urn:oid:1.2.392.100495.20.3.51.11319999991';
let browser: Browser;
let standIn: StandIn;
let noren: Running;
let root: string;
let device: Watched;

inBrowser('the front desk’s page', () => {
  beforeAll(async () => {
    buildPages();
    standIn = await openStandIn();
    root = mkdtempSync(path.join(tmpdir(), 'noren-desk-'));
    noren = await startServer(readConfig(['--port', '0', '--data', path.join(root, 'data'), '--app-origins', standIn.origin]), {
      log: () => {},
    });
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await standIn?.close();
    await noren?.close();
    if (root !== undefined) rmSync(root, { recursive: true, force: true });
  });
  beforeEach(() => {
    standIn.resources.clear();
    standIn.operations.clear();
    standIn.resources.set('Organization/h1', {
      resourceType: 'Organization',
      id: 'h1',
      name: '見本中央病院',
      identifier: [{ system: 'http://jpfhir.jp/fhir/core/IdSystem/insurance-medical-institution-no', value: '1319999991' }],
    });
    standIn.resources.set('Questionnaire/q1', {
      resourceType: 'Questionnaire',
      id: 'q1',
      meta: { profile: ['https://noren.example/fhir/StructureDefinition/notice-text'] },
      url: 'https://noren.example/fhir/Questionnaire/notice',
      version: '2.0.0',
      date: '2026-04-01',
    });
  });
  afterEach(() => device?.context.close());

  const made = (type: string) => [...standIn.resources.values()].filter(one => one['resourceType'] === type);
  const atWork = async (language: 'ja' | 'en' = 'ja', size = tablet): Promise<Page> => {
    device = await openDevice(browser, size, language);
    await device.page.goto(`${new URL(noren.baseUrl).origin}/app/desk/?iss=${encodeURIComponent(standIn.iss)}`);
    await device.page.getByRole('button', { name: language === 'ja' ? 'サインインする' : 'Sign in' }).click();
    await device.page.getByRole('heading', { level: 1, name: /見本中央病院/ }).waitFor();
    return device.page;
  };

  test('desk: a scan and Enter record a notice; the number is folded, shown masked, and kept nowhere', async () => {
    const page = await atWork();
    for (const typed of ['0000123456', '００００９８７６５４']) {
      await page.keyboard.type(typed);
      await page.keyboard.press('Enter');
      await page.locator('.big .digits', { hasText: typed === '0000123456' ? '3456' : '7654' }).waitFor();
    }
    expect(made('Communication').map(one => one['subject'])).toEqual(
      ['0000123456', '0000987654'].map(value => ({ type: 'Patient', identifier: { system: numbers, value } })),
    );
    expect(made('Communication')[0]).toMatchObject({
      status: 'completed',
      sender: { reference: 'Organization/h1' },
      instantiatesCanonical: ['https://noren.example/fhir/Questionnaire/notice|2.0.0'],
      medium: [{ coding: [{ code: 'handed-document' }] }],
    });
    expect(made('Communication')[0]!['sent']).toMatch(/^\d{4}-\d\d-\d\d$/);
    const seen = await page.evaluate(() => document.body.textContent + JSON.stringify({ ...sessionStorage }));
    expect(seen).not.toContain('0000123456');
    expect(seen).not.toContain('987654');
    expect(await page.getByLabel('患者番号').inputValue()).toBe('');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('number');
    expect(device.requests.filter(url => url.includes('123456'))).toEqual([]);
  });

  test('desk: where $record-notices is offered it is asked; a row that it refuses is told, one on record before too', async () => {
    const asked: Record<string, unknown>[] = [];
    const answers = [
      { name: 'recorded', valueUnsignedInt: 1 },
      { name: 'already', valueUnsignedInt: 1 },
      {
        name: 'row',
        part: [
          { name: 'number', valuePositiveInt: 1 },
          { name: 'because', valueString: 'No such day.' },
        ],
      },
    ];
    standIn.operations.set('record-notices', parameters => {
      asked.push(parameters);
      return { resourceType: 'Parameters', parameter: [answers[asked.length - 1]] };
    });
    const page = await atWork();
    await page.getByRole('radio', { name: 'タブレットで示した' }).check();
    await page.getByRole('radio', { name: '本人と保護者・後見人' }).check();
    for (const said of ['お知らせを記録しました', 'このお知らせは記録されています', '記録できませんでした']) {
      await page.getByLabel('患者番号').fill('0000123456');
      await page.keyboard.press('Enter');
      await page.getByText(said).waitFor();
    }
    await page.getByText('No such day.').waitFor();
    const part = (asked[0]!['parameter'] as { part: { name: string }[] }[])[0]!.part;
    expect(part.map(one => [one.name, ...Object.values(one).slice(1)])).toEqual([
      ['number', '0000123456'],
      ['sent', expect.stringMatching(/^\d{4}-\d\d-\d\d$/)],
      ['channel', 'tablet'],
      ['recipient', 'patient'],
      ['recipient', 'guardian'],
    ]);
    expect(made('Communication')).toEqual([]);
  });

  test('desk: what can be no number is refused before it is sent; the list holds ten', async () => {
    const page = await atWork();
    const field = page.getByLabel('患者番号');
    await field.fill('<b>');
    await field.press('Enter');
    await page.getByText('番号を確かめてください。').waitFor();
    expect(made('Communication')).toEqual([]);
    for (let i = 10; i < 22; i++) {
      await field.fill(`90000000${i}`);
      await field.press('Enter');
      await page.locator('.big .digits', { hasText: `00${i}` }).waitFor();
    }
    expect(await page.locator('ul.lately li').count()).toBe(10);
  });

  test('desk: the patient says no: an objection by number, taken down by the institution, with a receipt', async () => {
    standIn.operations.set('acknowledge', receipt);
    const page = await atWork();
    await page.getByRole('radio', { name: '「使わないで」と言われた' }).check();
    await page.getByRole('radio', { name: '保護者・お世話をしている方' }).check();
    await page.getByLabel('患者番号').fill('0000123456');
    await page.getByRole('button', { name: '申し出を記録する' }).click();
    await page.getByText('受領番号 R-2026-000123').waitFor();
    // The next in line has not said no.
    expect(await page.getByRole('radio', { name: 'お知らせした' }).isChecked()).toBe(true);
    expect(made('Consent')).toMatchObject([
      {
        status: 'active',
        patient: { identifier: { system: numbers, value: '0000123456' } },
        organization: [{ reference: 'Organization/h1' }],
        performer: [{ reference: '#asker' }],
        contained: [{ resourceType: 'RelatedPerson', patient: { identifier: { value: '0000123456' } } }],
        provision: { type: 'deny' },
      },
    ]);
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: '受領書を保存する（PDF）' }).click();
    expect((await download).suggestedFilename()).toBe('noren-R-2026-000123-ja.pdf');
  });

  test('desk: a server that is away records nothing, and the same number goes out at the next try', async () => {
    const page = await atWork();
    standIn.failing = { status: 503 };
    await page.getByLabel('患者番号').fill('0000123456');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'サーバーにつながりません' }).waitFor();
    expect(await violations(page)).toEqual([]);
    standIn.failing = undefined;
    await page.getByRole('button', { name: 'もう一度ためす' }).click();
    await page.locator('.big .digits', { hasText: '3456' }).waitFor();
    expect(made('Communication').length).toBe(1);
  });

  test.each([
    ['ja', tablet],
    ['en', tablet],
    ['ja', phone],
    ['en', phone],
  ] as const)('desk: no view breaks a rule of axe-core: %s, %j', async (language, size) => {
    standIn.operations.set('acknowledge', receipt);
    device = await openDevice(browser, size, language);
    await device.page.goto(`${new URL(noren.baseUrl).origin}/app/desk/`);
    await device.page.getByRole('button', { name: language === 'ja' ? 'サインインする' : 'Sign in' }).waitFor();
    await picture(device.page, `desk-1-start-${language}-${size.width}`);
    expect(await violations(device.page)).toEqual([]);
    await device.context.close();
    const page = await atWork(language, size);
    await page.locator('#number').fill('0000123456');
    await page.keyboard.press('Enter');
    await page.locator('.big').waitFor();
    await picture(page, `desk-2-notice-${language}-${size.width}`);
    expect(await violations(page)).toEqual([]);
    await page.locator('.modes .option').nth(1).click();
    await page.locator('#number').fill('0000777777');
    await page.keyboard.press('Enter');
    await page.locator('.big.no').waitFor();
    await page.getByText('R-2026-000123').waitFor();
    await picture(page, `desk-3-objection-${language}-${size.width}`);
    expect(await violations(page)).toEqual([]);
    expect(device.errors.filter(text => !/404/.test(text))).toEqual([]);
  });
});
