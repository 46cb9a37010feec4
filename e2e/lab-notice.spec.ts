/** The lab that is made ready behind the book, as the page tells of it. Its messages are laid on the runner's own wire. */

import type { Page } from '@playwright/test';
import type { LabPreparation } from '../runner/protocol/messages.ts';
import type { BookRunner } from './support/runner.ts';
import { expect, expectAccessible, test } from './support/test.ts';

test.use({ of: 'lab-notice' });

type Tell = (lab: LabPreparation | null) => void;

/** Opens a chapter; what is told is heard as if the runner had said it. Resolves once the page is connected. */
async function open(page: Page, runner: BookRunner): Promise<{ tell: Tell; asked: string[] }> {
  const asked: string[] = [];
  let send: ((text: string) => void) | undefined;
  await page.routeWebSocket(/./, socket => {
    const server = socket.connectToServer();
    socket.onMessage(message => {
      asked.push(String(message));
      server.send(message);
    });
    send = text => socket.send(text);
  });
  await page.goto(runner.at('/basics/files/'));
  await expect(page.getByRole('banner').getByText('Connected')).toBeVisible();
  return { tell: lab => send!(JSON.stringify({ type: 'lab', lab })), asked };
}

const IMPOSSIBLE: LabPreparation = {
  state: 'failed',
  impossible: true,
  message: 'user namespaces: the kernel does not allow them',
  next: 'sysctl -w kernel.unprivileged_userns_clone=1',
};

test('how far the lab is stands on the page: what is made, percent, time left; and that it is ready', async ({
  page,
  runner,
}) => {
  const { tell } = await open(page, runner);
  const notice = page.getByRole('region', { name: 'The lab' });
  tell({
    state: 'working',
    what: 'the kernel',
    percent: 26,
    text: 'compiling CC kernel/exit.o',
    leftMs: 660_000,
  });
  await expect(notice).toContainText(/Preparing a lab machine · 26\s% · about 11 min left/);
  await expect(notice).toContainText('the kernel: compiling CC kernel/exit.o');
  await expect(notice.getByRole('progressbar')).toHaveAttribute('value', '26');
  await expectAccessible(page);
  tell({ state: 'ready', text: 'A lab machine is ready: n1.' });
  await expect(notice).toHaveText('A lab machine is ready: n1.');
});

test('where no lab can be, the page says why, what helps, what works without, and says it once', async ({
  page,
  runner,
}) => {
  const { tell, asked } = await open(page, runner);
  const notice = page.getByRole('region', { name: 'The lab' });
  tell(IMPOSSIBLE);
  await expect(notice).toContainText('This computer cannot run a lab: user namespaces');
  await expect(notice).toContainText('What helps: sysctl -w');
  await expect(notice).toContainText('What works without one: reading; every step for the workstation');
  await expectAccessible(page);
  await notice.getByRole('button', { name: 'Try again' }).click();
  await expect.poll(() => asked.some(text => text.includes('"lab.retry"'))).toBe(true);
  await notice.getByRole('button', { name: 'Put away' }).click();
  await expect(notice).toHaveCount(0);
  tell(IMPOSSIBLE);
  await expect(notice).toHaveCount(0);
});
