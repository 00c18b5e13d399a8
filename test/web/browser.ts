/**
 * A real Chromium for the pages: started once per file, every request watched, axe-core at hand. Where there is no Chromium, the tests are skipped, loudly.
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { isSlow } from '../slow.ts';

const root = path.resolve(import.meta.dirname, '../..');
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(file => existsSync(file));

/** Why the pages cannot be tried in a browser here; undefined: they can. */
export const whyNot: string | undefined = !isSlow
  ? 'NOREN_SLOW is not set, so no page was opened in a browser'
  : executablePath === undefined
    ? 'there is no Chromium here (apt-get install chromium fonts-noto-cjk), so no page was opened in a browser'
    : undefined;

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 900 };
export const tablet = { width: 1024, height: 768 };

/** The build stands in build/web and is no older than its sources. */
export function buildPages(): void {
  const built = path.join(root, 'build/web');
  const newest = (directory: string): number =>
    Math.max(0, ...readdirSync(directory, { recursive: true, encoding: 'utf8' }).map(file => statSync(path.join(directory, file)).mtimeMs));
  const index = path.join(built, 'desk/index.html');
  if (
    existsSync(index) &&
    statSync(index).mtimeMs > Math.max(newest(path.join(root, 'src/web')), statSync(path.join(root, 'scripts/build-web.ts')).mtimeMs)
  )
    return;
  // Two files of tests may build at once: each builds aside, and what is ready takes the place in one step.
  const aside = path.join(root, `build/web-${process.pid}`);
  mkdirSync(path.dirname(aside), { recursive: true });
  execFileSync(process.execPath, [path.join(root, 'scripts/build-web.ts'), aside], { stdio: 'pipe' });
  rmSync(built, { recursive: true, force: true });
  try {
    renameSync(aside, built);
  } catch {
    rmSync(aside, { recursive: true, force: true });
  }
}

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executablePath!,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
    ],
  });

export interface Watched {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Every address that was asked for. */
  readonly requests: string[];
  /** What the console said in error: a broken policy among it. */
  readonly errors: string[];
}

/** A new person at a new device. */
export async function openDevice(
  browser: Browser,
  viewport: { width: number; height: number },
  language: 'ja' | 'en' = 'ja',
): Promise<Watched> {
  const context = await browser.newContext({
    viewport,
    locale: language === 'ja' ? 'ja-JP' : 'en-GB',
    timezoneId: 'Asia/Tokyo',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const [requests, errors]: [string[], string[]] = [[], []];
  page.on('request', request => requests.push(request.url()));
  page.on('console', message => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', error => errors.push(String(error)));
  return { context, page, requests, errors };
}

/** Ids of the rules that a view breaks, each with where: WCAG 2.2 A and AA, and best practices. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(one =>
      one.nodes.map(node => `${one.id}: ${node.target.join(' ')}: ${node.failureSummary.replaceAll(/\s+/g, ' ')}`),
    );
  });
}

/** Where pictures of the pages are kept for people to look at; nowhere unless SHOTS names a directory. */
export async function picture(page: Page, name: string): Promise<void> {
  const directory = process.env['SHOTS'];
  if (directory === undefined) return;
  mkdirSync(directory, { recursive: true });
  await page.screenshot({ path: path.join(directory, `${name}.png`), fullPage: true });
}
