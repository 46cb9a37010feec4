/** Playwright's `test` with what every spec needs: a runner for the file, and a page that may not err silently. */
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { BookRunner } from './runner.ts';

export { expect };

interface Options {
  /** A name of its own gives a file a runner of its own. */
  of: string;
  /** Names of the machines behind the book; none means the workstation only. */
  machines: string[];
}

export const test = base.extend<{ complaints: string[] }, Options & { runner: BookRunner }>({
  of: ['', { scope: 'worker', option: true }],
  machines: [[], { scope: 'worker', option: true }],
  runner: [
    async ({ machines }, use) => {
      const runner = await BookRunner.start({ machines });
      await use(runner);
      await runner.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  /** Errors of scripts and refusals of the policy, which a reader would not see but a test must. */
  complaints: [
    async ({ page }, use) => {
      const complaints: string[] = [];
      page.on('pageerror', error => complaints.push(error.message));
      page.on('console', message => {
        if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
      });
      await use(complaints);
      expect(complaints).toEqual([]);
    },
    { auto: true },
  ],
});

/** The line of a step for a machine, on a chapter's page. */
export const rowOf = (page: Page, step: string, subject = 'workstation') =>
  page
    .locator(`kfs-step[data-step="${step}"] .kfs-row`)
    .filter({ has: page.locator('.kfs-subject', { hasText: new RegExp(`^${subject}$`) }) });

export const button = (page: Page, step: string, name: string, subject = 'workstation') =>
  rowOf(page, step, subject).getByRole('button', { name: `${name} ${step} on ${subject}`, exact: true });

/** Run, or Run again, whatever happened before. */
export const runButton = (page: Page, step: string, subject = 'workstation') =>
  rowOf(page, step, subject).getByRole('button', { name: /^Run/ });

/** Brings a step to proven, from whatever state it is in. */
export async function prove(page: Page, step: string, subject = 'workstation'): Promise<void> {
  const row = rowOf(page, step, subject);
  await expect(row.getByRole('button', { name: /^Run/ })).toBeEnabled();
  if ((await row.getAttribute('data-status')) !== 'done')
    await row.getByRole('button', { name: /^Run/ }).click();
  await expect(row).toContainText('proven');
}

/** What a terminal shows, as text. */
export const outputOf = (page: Page, step: string) =>
  page.locator(`kfs-step[data-step="${step}"] .xterm-rows`);

export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).join(', ')}`),
  ).toEqual([]);
}
