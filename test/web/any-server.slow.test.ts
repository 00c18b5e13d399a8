// https://hl7.org/fhir/smart-app-launch/app-launch.html, https://hl7.org/fhir/R4/consent.html: the patient's page with a server that is not Noren (a stand-in), and when things go wrong
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Running, startServer } from '../../src/commands/serve.ts';
import { readConfig } from '../../src/config.ts';
import { buildPages, desktop, launch, openDevice, phone, picture, violations, type Watched, whyNot } from './browser.ts';
import { openStandIn, type StandIn } from './stand-in.ts';
import { fill, offerAll } from './world.ts';

if (whyNot !== undefined) process.stderr.write(`SKIPPED: ${whyNot}\n`);
const inBrowser = whyNot === undefined ? describe : describe.skip;

let browser: Browser;
let standIn: StandIn;
let noren: Running;
let root: string;
let device: Watched;
const pageUrl = (language = 'ja') =>
  `${new URL(noren.baseUrl).origin}/app/objection/?iss=${encodeURIComponent(standIn.iss)}&lang=${language}`;

inBrowser('the patient’s page with any SMART server', () => {
  beforeAll(async () => {
    buildPages();
    standIn = await openStandIn();
    root = mkdtempSync(path.join(tmpdir(), 'noren-pages-'));
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
  beforeEach(() => fill(standIn));
  afterEach(() => device?.context.close());

  const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name }).waitFor();
  const signedIn = async (language: 'ja' | 'en' = 'ja', size = phone): Promise<Page> => {
    device = await openDevice(browser, size, language);
    await device.page.goto(pageUrl(language));
    await device.page.getByRole('button', { name: language === 'ja' ? 'サインインする' : 'Sign in' }).click();
    await heading(device.page, language === 'ja' ? 'あなたの記録の今' : 'Your records today');
    return device.page;
  };

  test('pages: the first view is under 100 kB when packed, and asks nobody but its own server', async () => {
    device = await openDevice(browser, phone);
    const bodies: Promise<number>[] = [];
    device.page.on('response', response => bodies.push(response.body().then(body => gzipSync(body).length)));
    await device.page.goto(`${new URL(noren.baseUrl).origin}/app/objection/`);
    await heading(device.page, /あなたの医療情報は/);
    const bytes = (await Promise.all(bodies)).reduce((sum, one) => sum + one, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(100_000);
    expect([...new Set(device.requests.map(url => new URL(url).origin))]).toEqual([new URL(noren.baseUrl).origin]);
    expect(device.errors).toEqual([]);
  });

  test.each([
    ['ja', phone],
    ['en', phone],
    ['ja', desktop],
    ['en', desktop],
  ] as const)(
    'pages: no view breaks a rule of axe-core: %s, %j',
    async (language, size) => {
      offerAll(standIn);
      device = await openDevice(browser, size, language);
      const { page } = device;
      const shot = async (name: string) => {
        await picture(page, `objection-${name}-${language}-${size.width}`);
        expect(await violations(page)).toEqual([]);
      };
      const button = (ja: string, en: string) => page.getByRole('button', { name: language === 'ja' ? ja : en, exact: true });
      await page.goto(pageUrl(language));
      await button('サインインする', 'Sign in').waitFor();
      await shot('1-start');
      await button('サインインする', 'Sign in').click();
      await page.getByRole('img').first().waitFor();
      for (const summary of await page.locator('summary').all()) await summary.click();
      await page.locator('.told').waitFor();
      await shot('2-overview');
      await button('「使わないで」と申し出る', 'Say no to their use').click();
      await heading(page, language === 'ja' ? /申し出/ : 'Say no');
      await page.getByRole('radio', { name: language === 'ja' ? /遺族/ : /bereaved/ }).check();
      await shot('3-object-bereaved');
      await page.getByRole('radio', { name: language === 'ja' ? /本人/ : /person concerned/ }).check();
      await shot('3-object');
      await button('この内容で申し出る', 'Say no now').click();
      await button('受領書を保存する（PDF）', 'Save the receipt (PDF)').waitFor();
      await shot('4-done');
      await button('申し出の履歴', 'My objections').click();
      await heading(page, language === 'ja' ? '申し出の履歴' : 'My objections');
      await shot('5-history');
      await page.getByRole('button', { name: language === 'ja' ? /^取り消す/ : /^Withdraw/ }).click();
      await shot('6-withdraw');
      await button('取り消す', 'Withdraw').click();
      await page.getByText(language === 'ja' ? '申し出を取り消しました。' : 'Your objection is withdrawn.').waitFor();
      await shot('7-withdrawn');
      expect(device.errors).toEqual([]);
      const origins = new Set([new URL(noren.baseUrl).origin, standIn.origin]);
      expect(device.requests.filter(url => !url.startsWith('blob:') && !origins.has(new URL(url).origin))).toEqual([]);
    },
    90_000,
  );

  test('pages: with plain SMART and FHIR alone the patient objects in two taps; what is not offered is said, a receipt too', async () => {
    const page = await signedIn();
    expect(await page.getByText('このサーバーでは、この内容を見ることができません。').count()).toBe(2);
    await page.getByRole('button', { name: '「使わないで」と申し出る' }).click();
    await page.getByRole('button', { name: 'この内容で申し出る' }).click();
    await heading(page, '申し出を受けつけました');
    await page.getByText('このサーバーは受領書を作りません。').waitFor();
    const [consent] = [...standIn.resources.values()].filter(one => one['resourceType'] === 'Consent');
    expect(consent).toMatchObject({
      status: 'active',
      patient: { reference: 'Patient/p1' },
      performer: [{ reference: 'Patient/p1' }],
      policyRule: { coding: [{ code: 'OPTOUT' }] },
      provision: { type: 'deny' },
    });
    expect(consent).not.toHaveProperty('provision.actor');
    expect(await page.locator('dd.number').textContent()).toBe(consent!['id']);
    expect(new Set(device.requests.map(url => new URL(url).origin)).size).toBe(2);
  });

  test('pages: the sign-in asks with PKCE, state, nonce, and aud; tokens are in this tab alone, and gone with the sign-out', async () => {
    const page = await signedIn();
    const asked = standIn.authorized.at(-1)!;
    expect(asked.get('scope')).toBe(
      'openid fhirUser launch/patient online_access patient/Patient.rs patient/Consent.crus patient/DocumentReference.rs patient/*.rs',
    );
    expect([asked.get('code_challenge_method'), asked.get('aud'), asked.get('response_type'), asked.get('client_id')]).toEqual([
      'S256',
      standIn.iss,
      'code',
      'objection-app',
    ]);
    for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)?.length).toBeGreaterThan(20);
    expect(page.url()).not.toMatch(/code=|state=/);
    expect(await page.evaluate(() => [localStorage.length, document.cookie])).toEqual([0, '']);
    const kept = await page.evaluate(() => JSON.parse(sessionStorage.getItem('objection:session')!) as { accessToken: string });
    await page.reload();
    await heading(page, 'あなたの記録の今');
    const before = standIn.revoked.length;
    await page.getByRole('button', { name: 'サインアウト' }).click();
    await page.getByText('サインアウトしました。').waitFor();
    for (let i = 0; i < 100 && standIn.revoked.length < before + 2; i++) await page.waitForTimeout(20);
    expect(standIn.revoked.slice(before)).toContain(kept.accessToken);
    expect(await page.evaluate(() => sessionStorage.getItem('objection:session'))).toBeNull();
    await page.getByRole('button', { name: 'サインインする' }).click();
    await heading(page, 'あなたの記録の今');
    expect(standIn.authorized.at(-1)!.get('prompt')).toBe('login');
  });

  test('pages: an answer with another state, and an ID token with another nonce, lead to no session', async () => {
    device = await openDevice(browser, phone);
    const { page } = device;
    await page.goto(pageUrl());
    await page.getByRole('button', { name: 'サインインする' }).waitFor();
    await page.goto(`${new URL(noren.baseUrl).origin}/app/objection/?code=stolen&state=forged`);
    await page.getByText('サインインが切れました').waitFor();
    expect(await page.evaluate(() => sessionStorage.getItem('objection:session'))).toBeNull();

    standIn.tamper = tokens => ({ ...tokens, id_token: forgedNonce(String(tokens['id_token'])) });
    await page.goto(pageUrl());
    await page.getByRole('button', { name: 'サインインする' }).click();
    await page.getByText('受けつけられませんでした').waitFor();
    expect(await page.evaluate(() => sessionStorage.getItem('objection:session'))).toBeNull();
  });

  test('pages: who says no to the sign-in is told so, and may sign in after all', async () => {
    standIn.denying = true;
    device = await openDevice(browser, phone);
    const { page } = device;
    await page.goto(pageUrl());
    await page.getByRole('button', { name: 'サインインする' }).click();
    await page.getByRole('heading', { name: 'サインインをやめました' }).waitFor();
    expect(await violations(page)).toEqual([]);
    standIn.denying = false;
    await page.getByRole('button', { name: 'サインインする' }).first().click();
    await heading(page, 'あなたの記録の今');
  });

  test('pages: opened from an EHR it signs in at once, with the launch that it was given; a server of version 1 without OpenID Connect will do', async () => {
    const before = standIn.capabilities;
    standIn.capabilities = ['launch-ehr', 'client-public', 'context-ehr-patient', 'permission-v1'];
    device = await openDevice(browser, phone, 'en');
    const { page } = device;
    await page.goto(`${pageUrl('en')}&launch=xyz`);
    await heading(page, 'Your records today');
    standIn.capabilities = before;
    const asked = standIn.authorized.at(-1)!;
    expect([asked.get('launch'), asked.get('ui_locales'), asked.get('nonce'), asked.get('scope')]).toEqual([
      'xyz',
      'en',
      null,
      'launch patient/Patient.read patient/Consent.* patient/DocumentReference.read patient/*.read',
    ]);
  });

  test('pages: a server that APP_ORIGINS does not name is never spoken to', async () => {
    const other = await openStandIn();
    device = await openDevice(browser, phone);
    const { page } = device;
    await page.goto(`${new URL(noren.baseUrl).origin}/app/objection/?iss=${encodeURIComponent(other.iss)}`);
    await page.getByRole('button', { name: 'サインインする' }).click();
    await page.getByRole('heading', { name: 'サーバーにつながりません' }).waitFor();
    expect(other.seen).toEqual([]);
    expect(device.errors.join()).toMatch(/Content Security Policy/);
    await other.close();
  });

  test('pages: a token that has run out is renewed quietly; without a refresh token one signs in again and is back where one was', async () => {
    const page = await signedIn();
    standIn.expireTokens();
    await page.getByRole('button', { name: '「使わないで」と申し出る' }).click();
    await page.getByRole('radio', { name: /保護者/ }).check();
    await page.getByRole('button', { name: 'この内容で申し出る' }).click();
    await heading(page, '申し出を受けつけました');
    const [consent] = [...standIn.resources.values()].filter(one => one['resourceType'] === 'Consent');
    expect(consent).toMatchObject({ contained: [{ resourceType: 'RelatedPerson', relationship: [{ coding: [{ code: 'GUARD' }] }] }] });
    await device.context.close();

    fill(standIn);
    standIn.tamper = ({ refresh_token: _, ...tokens }) => tokens;
    const again = await signedIn();
    await again.getByRole('button', { name: '「使わないで」と申し出る' }).click();
    await again.getByRole('radio', { name: /保護者/ }).check();
    standIn.expireTokens();
    await again.getByRole('button', { name: 'この内容で申し出る' }).click();
    await again.getByText('サインインが切れました').waitFor();
    await again.waitForFunction(() => document.activeElement?.textContent === 'サインインが切れました');
    await picture(again, 'objection-wrong-expired-ja-390');
    expect(await violations(again)).toEqual([]);
    await again.getByRole('button', { name: 'サインインする' }).click();
    await heading(again, /申し出/);
    expect(await again.getByRole('radio', { name: /保護者/ }).isChecked()).toBe(true);
  });

  test('pages: a server that is away, a refusal, and no network are told in plain words, each with a way on', async () => {
    const page = await signedIn();
    await page.getByRole('button', { name: '「使わないで」と申し出る' }).click();
    standIn.failing = { status: 503 };
    await page.getByRole('button', { name: 'この内容で申し出る' }).click();
    await page.getByRole('heading', { name: 'サーバーにつながりません' }).waitFor();
    await picture(page, 'objection-wrong-away-ja-390');
    expect(await violations(page)).toEqual([]);
    standIn.failing = {
      status: 422,
      body: {
        resourceType: 'OperationOutcome',
        issue: [{ severity: 'error', code: 'business-rule', details: { text: 'An objection says whose it is.' } }],
      },
    };
    await page.getByRole('button', { name: 'もう一度ためす' }).click();
    await page.getByRole('heading', { name: '受けつけられませんでした' }).waitFor();
    await page.getByText('An objection says whose it is.').waitFor();
    await picture(page, 'objection-wrong-refused-ja-390');
    expect(await violations(page)).toEqual([]);
    standIn.failing = undefined;
    await device.context.setOffline(true);
    await page.getByRole('button', { name: 'もう一度ためす' }).click();
    await page.getByRole('heading', { name: '通信できません' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await device.context.setOffline(false);
    await page.getByRole('button', { name: 'もう一度ためす' }).click();
    await heading(page, '申し出を受けつけました');
    expect([...standIn.resources.values()].filter(one => one['resourceType'] === 'Consent').length).toBe(1);
  });

  test('pages: nothing held, already objected, record erased: each is said', async () => {
    offerAll(standIn);
    standIn.operations.set('holdings', () => ({ resourceType: 'Parameters' }));
    standIn.operations.set('releases', () => ({ resourceType: 'Parameters', parameter: [] }));
    const page = await signedIn();
    await page.getByText('病院から集まった記録は、ありません。').waitFor();
    await page.getByText('あなたの記録が入った研究は、まだありません。').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: '「使わないで」と申し出る' }).click();
    await page.getByRole('button', { name: 'この内容で申し出る' }).click();
    await heading(page, '申し出を受けつけました');
    await page.getByRole('button', { name: '記録の今を見る' }).click();
    await page.getByRole('heading', { name: '申し出を受けつけています' }).waitFor();
    expect(await page.getByRole('button', { name: '「使わないで」と申し出る' }).count()).toBe(0);
    await page.evaluate(() => {
      location.hash = 'object';
    });
    await page.getByText('もう一度する必要はありません').waitFor();
    expect(await page.getByRole('button', { name: 'この内容で申し出る' }).count()).toBe(0);
    standIn.resources.delete('Patient/p1');
    await page.evaluate(() => {
      location.hash = 'overview';
    });
    await page.reload();
    await page.getByRole('heading', { name: 'あなたの記録は消されました' }).waitFor();
    await picture(page, 'objection-erased-ja-390');
    expect(await violations(page)).toEqual([]);
  });

  test('pages: everything can be done by the keyboard alone, and focus follows the views', async () => {
    offerAll(standIn);
    device = await openDevice(browser, desktop);
    const { page } = device;
    await page.goto(pageUrl());
    await page.getByRole('button', { name: 'サインインする' }).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
    const tabTo = async (name: string) => {
      for (let i = 0; i < 40 && (await focused()) !== name; i++) await page.keyboard.press('Tab');
      expect(await focused()).toBe(name);
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('本文へ進む');
    await tabTo('サインインする');
    await page.keyboard.press('Enter');
    await heading(page, 'あなたの記録の今');
    await tabTo('「使わないで」と申し出る');
    await page.keyboard.press('Enter');
    await heading(page, /申し出/);
    expect(await focused()).toBe('「使わないで」の申し出');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    expect(await page.getByRole('radio', { name: '見本中央病院' }).isChecked()).toBe(true);
    await tabTo('この内容で申し出る');
    await page.keyboard.press('Space');
    await heading(page, '申し出を受けつけました');
    expect(await focused()).toBe('申し出を受けつけました');
    const download = page.waitForEvent('download');
    await tabTo('受領書を保存する（PDF）');
    await page.keyboard.press('Enter');
    expect((await download).suggestedFilename()).toBe('noren-R-2026-000123-ja.pdf');
    const [consent] = [...standIn.resources.values()].filter(one => one['resourceType'] === 'Consent');
    expect(consent).toMatchObject({ provision: { actor: [{ reference: { reference: 'Organization/h1' } }] } });
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('ja');
    await page.getByRole('button', { name: 'English' }).click();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
  });

  test('pages: targets are 44 px high or more, and nothing moves for those who do not want it', async () => {
    offerAll(standIn);
    const page = await signedIn();
    const small = async () =>
      page.evaluate(() =>
        [...document.querySelectorAll('button, select, summary, .option, input[type=text]')]
          .map(one => ({ name: one.textContent, height: one.getBoundingClientRect().height }))
          .filter(one => one.height > 0 && one.height < 44),
      );
    expect(await small()).toEqual([]);
    await page.getByRole('button', { name: '「使わないで」と申し出る' }).click();
    await heading(page, /申し出/);
    expect(await small()).toEqual([]);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter(one => {
          const { animationName, transitionDuration } = getComputedStyle(one);
          return animationName !== 'none' || transitionDuration !== '0s';
        }).length,
    );
    expect(moving).toBe(0);
  });
});

/** The same token with another nonce; its signature is not what refuses it. */
function forgedNonce(token: string): string {
  const [head, claims = '', signature] = token.split('.');
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object;
  return [head, Buffer.from(JSON.stringify({ ...said, nonce: 'another' })).toString('base64url'), signature].join('.');
}
