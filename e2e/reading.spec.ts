/** The page for every reader: without a runner, with a keyboard only, on a phone, with a screen reader. */

import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sirv from 'sirv';
import { button, expect, expectAccessible, outputOf, prove, rowOf, runButton, test } from './support/test.ts';

test.use({ of: 'reading' });

const FILES = '/basics/files/';

test.describe('with no runner behind it', () => {
  let server: Server;
  let origin = '';

  test.beforeAll(async ({ runner }) => {
    const sites = join(runner.state, 'site');
    const files = sirv(join(sites, readdirSync(sites)[0]!));
    server = createServer((request, response) =>
      files(request, response, () => void response.writeHead(404).end()),
    );
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  test.afterAll(() => new Promise(done => server.close(done)));

  test('the page has no dead buttons, asks nobody, and says in one line how to run it', async ({ page }) => {
    const asked: string[] = [];
    page.on('request', request => asked.push(new URL(request.url()).pathname));
    page.on('websocket', socket => asked.push(socket.url()));
    await page.goto(origin + FILES);
    await page.waitForLoadState('networkidle');
    await expect(page.locator('.kfs-button, .kfs-controls, kfs-ring, kfs-link, kfs-chapter')).toHaveCount(0);
    await expect(page.getByText('npm start')).toBeVisible();
    expect(asked.filter(path => /api|socket|ws:/.test(path))).toEqual([]);
    await page.goto(`${origin}/progress/`);
    await expect(page.getByText('The runner fills this page with your progress')).toBeVisible();
  });

  test('a token of a runner that is gone makes no dead buttons either', async ({ page }) => {
    await page.goto(`${origin}${FILES}#token=${'a'.repeat(64)}`);
    await expect(page.locator('html')).not.toHaveAttribute('data-runner', 'on');
    await expect(page.locator('.kfs-button:visible')).toHaveCount(0);
    await expect(page.getByText('npm start')).toBeVisible();
  });
});

test('a page with a token of an earlier start says what to do', async ({ page, runner }) => {
  await page.goto(`${runner.origin}${FILES}#token=${'b'.repeat(64)}`);
  await expect(page.getByText('open the address that it printed last').first()).toBeAttached();
  await expect(page.locator('.kfs-rows button:enabled')).toHaveCount(0);
});

test('everything works by keyboard: run, output, stop, values', async ({ page, runner }) => {
  await page.goto(runner.at('/basics/trouble/'));
  await expect(runButton(page, 'slow')).toBeEnabled();
  await runButton(page, 'slow').focus();
  await page.keyboard.press('Enter');
  await expect(outputOf(page, 'slow')).toContainText('line 2');
  // Run has gone: the keyboard is on what took its place.
  await expect(button(page, 'slow', 'Stop')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(rowOf(page, 'slow')).toContainText('failed');
  await page.goto(`${runner.origin}${FILES}`);
  await page.locator('kfs-step[data-step="greet"]').getByRole('button', { name: 'Values' }).press('Enter');
  await expect(page.locator('.kfs-values:visible')).toContainText('$KFS_HOME');
});

test('a screen reader is told what became of a step, politely', async ({ page, runner }) => {
  await page.goto(runner.at(FILES));
  await runButton(page, 'greet').click();
  await expect(
    page.locator('[aria-live="polite"]').filter({ hasText: 'greet on workstation: proven' }),
  ).toBeAttached();
});

test('less than 50 KB of script comes before a terminal is opened', async ({ page, runner }) => {
  const scripts = new Map<string, number>();
  const gzip = async (body: Buffer) => (await import('node:zlib')).gzipSync(body, { level: 9 }).length;
  page.on('response', async response => {
    if (response.url().endsWith('.js')) scripts.set(response.url(), await gzip(await response.body()));
  });
  await page.goto(runner.at(FILES));
  await expect(rowOf(page, 'greet')).toBeVisible();
  await page.waitForLoadState('networkidle');
  const total = [...scripts.values()].reduce((sum, size) => sum + size, 0);
  expect([...scripts.keys()].filter(url => url.includes('terminal'))).toEqual([]);
  expect(total).toBeGreaterThan(1000);
  expect(total).toBeLessThan(50 * 1024);
});

test('the search works under the policy', async ({ page, runner }) => {
  await page.goto(runner.at(FILES));
  await page.getByRole('button', { name: /Search/ }).click();
  await page.getByPlaceholder('Search').fill('printf');
  await expect(page.getByText(/\d+ results? for printf/)).toBeVisible();
});

for (const scheme of ['light', 'dark'] as const) {
  test.describe(`in ${scheme}`, () => {
    test.use({ colorScheme: scheme });
    for (const path of ['/', FILES, '/basics/trouble/', '/progress/', '/plan/', '/certificates/']) {
      test(`axe finds nothing on ${path}`, async ({ page, runner }) => {
        await page.goto(runner.at(path));
        await expect(page.locator('kfs-link').first()).toHaveAttribute('data-state', 'on');
        if (path === FILES) {
          await prove(page, 'greet');
          if (!(await outputOf(page, 'greet').isVisible())) await button(page, 'greet', 'Output').click();
          await expect(outputOf(page, 'greet')).toContainText('hello');
        }
        await page.waitForLoadState('networkidle');
        await expectAccessible(page);
      });
    }
  });
}
