/** The published book: built for a sub-path, served by a plain file server, read with scripts on and off. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import AxeBuilder from '@axe-core/playwright';
import { type Browser, chromium, type Page } from '@playwright/test';
import { compileBook } from '../../runner/book/compile.ts';
import { buildSite } from '../../runner/cli/build.ts';
import { CHECKOUT } from '../../runner/cli/context.ts';

const BASE = '/book/';
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const noBrowser = existsSync(CHROMIUM) ? false : `there is no Chromium at ${CHROMIUM}`;

const folder = mkdtempSync(join(tmpdir(), 'kfs-static-'));
const site = join(folder, 'site');
let server: Server;
let origin: string;
let browser: Browser | undefined;
/** Paths of all pages, with the base. */
let pages: string[] = [];

before(async () => {
  await buildSite({ book: CHECKOUT, base: BASE, out: site });
  server = createServer(serveFile).listen(0, '127.0.0.1');
  await new Promise(listening => server.once('listening', listening));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  pages = readdirSync(site, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('index.html'))
    .map(file => BASE + file.replace(/index\.html$/, ''));
  if (!noBrowser) {
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  }
});

after(async () => {
  await browser?.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Knows files and nothing else: no rewriting, no fallback but the host's own 404. */
function serveFile(request: { url?: string }, response: import('node:http').ServerResponse): void {
  const file = fileOf(new URL(request.url ?? '/', 'http://host').pathname);
  if (!file) {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
  response.end(readFileSync(file));
}

function fileOf(pathname: string): string | undefined {
  if (!pathname.startsWith(BASE)) return undefined;
  const path = join(site, decodeURIComponent(pathname.slice(BASE.length)));
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'index.html') : path;
  return existsSync(file) ? file : undefined;
}

const decode = (text: string): string =>
  text.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"');

test('every page of the book is there, under its chapter’s address', async () => {
  const manifest = await compileBook(CHECKOUT);
  const expected = ['', 'outline/', ...manifest.chapters.map(chapter => `${chapter.slug}/`)];
  for (const path of expected) assert.ok(pages.includes(BASE + path), `${path} is missing`);
});

test('all links, pictures, styles and scripts of all pages resolve under the sub-path, anchors too', () => {
  const broken: string[] = [];
  const html = (path: string): string => readFileSync(fileOf(path) as string, 'utf8');
  for (const page of pages) {
    for (const [, target = ''] of html(page).matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      const url = new URL(decode(target), `http://book.invalid${page}`);
      if (url.host !== 'book.invalid') continue;
      const file = fileOf(url.pathname);
      if (!file) broken.push(`${page}: ${target}`);
      else if (url.hash && !hasAnchor(readFileSync(file, 'utf8'), url.hash))
        broken.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});

const hasAnchor = (html: string, hash: string): boolean =>
  html.includes(` id="${decodeURIComponent(hash.slice(1))}"`);

test('previous and next lead through the whole book in its order', async () => {
  const manifest = await compileBook(CHECKOUT);
  const order = ['outline', ...manifest.chapters.map(chapter => chapter.slug)];
  for (const [index, slug] of order.entries()) {
    const html = readFileSync(join(site, slug, 'index.html'), 'utf8');
    const next = /<a href="([^"]*)" rel="next"/.exec(html)?.[1];
    assert.equal(next, order[index + 1] === undefined ? undefined : `${BASE}${order[index + 1]}/`, slug);
  }
});

/** Opens a page and fails on anything that is not found or logged as an error. */
async function open(path: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
  const page = await (browser as Browser).newPage(options);
  page.on('response', response => {
    if (response.status() >= 400) assert.fail(`${response.status()} ${response.url()}`);
  });
  page.on('pageerror', error => assert.fail(`${path}: ${error}`));
  await page.goto(origin + path, { waitUntil: 'networkidle' });
  return page;
}

test('the search finds a command’s option and leads to it under the sub-path', {
  skip: noBrowser,
}, async () => {
  const page = await open(`${BASE}before/rules/`);
  await page.keyboard.press('Control+k');
  await page.locator('#starlight__search input').fill('--dry-run first-step');
  const hit = page.locator('.pagefind-ui__result-link', { hasText: 'How to read and run this book' });
  await hit.first().waitFor();
  await hit.first().click();
  await page.waitForURL(url => url.pathname === `${BASE}before/how-to-read/`);
  assert.match(await page.locator('main').innerText(), /--dry-run first-step/);
  await page.close();
});

test('a page fetches at most 50 KB of compressed script', { skip: noBrowser }, async () => {
  const page = await (browser as Browser).newPage();
  let bytes = 0;
  page.on('response', async response => {
    if (/\.js$/.test(response.url()))
      bytes += gzipSync(readFileSync(fileOf(new URL(response.url()).pathname) as string)).length;
  });
  await page.goto(`${origin}${BASE}before/how-to-read/`, { waitUntil: 'networkidle' });
  await page.close();
  assert.ok(bytes > 0 && bytes <= 50 * 1024, `${bytes} bytes`);
});

test('a term shows its definition on focus, and Escape puts it away', { skip: noBrowser }, async () => {
  const page = await open(`${BASE}before/how-to-read/`);
  const definition = page.locator('.term .definition').first();
  assert.equal(await definition.isVisible(), false);
  await page.locator('.term a').first().focus();
  await definition.waitFor({ state: 'visible' });
  await page.keyboard.press('Escape');
  await definition.waitFor({ state: 'hidden' });
  await page.close();
});

test('with scripts off everything reads, and nothing is shown that does nothing', {
  skip: noBrowser,
}, async () => {
  const manifest = await compileBook(CHECKOUT);
  const page = await open(`${BASE}before/how-to-read/`, { javaScriptEnabled: false });
  for (const step of manifest.steps.filter(step => step.chapter === 'before/how-to-read')) {
    const shown = page.locator(`[data-step="${step.id}"] pre`).first();
    assert.equal((await shown.innerText()).trimEnd(), step.text.trimEnd());
  }
  await page.locator('.kfs-check summary').first().click();
  assert.ok(await page.locator('.kfs-check pre').first().isVisible());
  await page.locator('.term a').first().focus();
  await page.locator('.term .definition').first().waitFor({ state: 'visible' });
  const dead = page.locator(
    'main :is(button, input, select):visible, header :is(button, input, select):visible',
  );
  assert.equal(await dead.count(), 0);
  assert.match(await page.locator('.reading-only').innerText(), /npm start/);
  await page.close();
});

test('on a phone no page is wider than the screen', { skip: noBrowser }, async () => {
  for (const path of pages) {
    const page = await open(path, { viewport: { width: 360, height: 740 } });
    const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= screen, `${path} is ${wide} wide`);
    await page.close();
  }
});

test('axe finds nothing on any page', { skip: noBrowser }, async () => {
  for (const path of pages) assert.deepEqual(await axe(path, 'light'), [], path);
});

test('in the dark theme all text has contrast enough', { skip: noBrowser }, async () => {
  for (const path of ['', 'outline/', 'before/how-to-read/'])
    assert.deepEqual(await axe(BASE + path, 'dark', ['color-contrast']), [], path);
});

async function axe(path: string, colorScheme: 'light' | 'dark', rules?: string[]): Promise<string[]> {
  const context = await (browser as Browser).newContext({ colorScheme });
  const page = await context.newPage();
  await page.goto(origin + path, { waitUntil: 'networkidle' });
  await page.waitForFunction(blocksAreReachable);
  const builder = new AxeBuilder({ page });
  const { violations } = await (rules ? builder.withRules(rules) : builder).analyze();
  await context.close();
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map(node => node.html)
        .slice(0, 3)
        .join(' | ')}`,
  );
}

/** Expressive Code makes visible blocks that scroll reachable by key once the page is idle: on a slow host, after all has loaded. */
function blocksAreReachable(): boolean {
  if (document.readyState !== 'complete' || document.fonts.status !== 'loaded') return false; // widths still change
  const blocks = [...document.querySelectorAll('.expressive-code pre')];
  const scrolling = blocks.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth);
  return scrolling.every(block => block.hasAttribute('tabindex') || block.closest('details:not([open])'));
}
