import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cannotRunSshd } from '../runner/machine/testing/sshd.ts';
import { button, expect, outputOf, prove, rowOf, runButton, test } from './support/test.ts';

const missing = cannotRunSshd();
test.skip(missing !== false, String(missing));
test.use({ machines: ['n1', 'n2'] });

const PAGE = '/cluster/machines/';

test('a role fans out: each machine has its own line, state and output', async ({ page, runner }) => {
  await page.goto(runner.at(PAGE));
  const step = page.locator('kfs-step[data-step="note"]');
  await step.getByRole('button', { name: 'Run on all 2' }).click();
  await expect(rowOf(page, 'note', 'n1')).toContainText('proven');
  await expect(rowOf(page, 'note', 'n2')).toContainText('proven');
  await button(page, 'note', 'Output', 'n2').click();
  await expect(outputOf(page, 'note')).toContainText('I am n2 of small');
  await button(page, 'note', 'Re-check', 'n1').click();
  await expect(rowOf(page, 'note', 'n1')).toContainText('proven');
});

test('what destroys asks for the machine’s name, and takes nothing less', async ({ page, runner }) => {
  await page.goto(runner.at(PAGE));
  await prove(page, 'note', 'n1');
  await runButton(page, 'wipe', 'n1').click();
  const dialog = page.getByRole('dialog', { name: 'This cannot be undone' });
  const go = dialog.getByRole('button', { name: 'Destroy and run' });
  await expect(go).toBeDisabled();
  await dialog.getByLabel('Type n1 to go on').fill('n2');
  await expect(go).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(rowOf(page, 'wipe', 'n1')).toContainText('not run');
  await runButton(page, 'wipe', 'n1').click();
  await dialog.getByLabel('Type n1 to go on').fill('n1');
  await page.keyboard.press('Enter');
  await expect(rowOf(page, 'wipe', 'n1')).toContainText('proven');
});

test('a step for hands waits for the person, who says when it is done', async ({ page, runner }) => {
  await page.goto(runner.at(PAGE));
  await prove(page, 'note', 'n1');
  await runButton(page, 'press', 'n1').click();
  await expect(rowOf(page, 'press', 'n1')).toContainText('waiting for you');
  await button(page, 'press', 'It is done', 'n1').click();
  await expect(rowOf(page, 'press', 'n1')).toContainText('proven');
});

test('a drifted machine is found by Re-check', async ({ page, runner }) => {
  await page.goto(runner.at(PAGE));
  await prove(page, 'note', 'n2');
  await page.keyboard.press('Control+`');
  const dock = page.getByRole('region', { name: 'Terminals' });
  await dock.getByLabel('Machine').selectOption('n2');
  await dock.getByRole('button', { name: 'New terminal' }).click();
  await expect(dock.locator('.xterm-rows')).toContainText(/[#$]/);
  await dock.locator('.xterm').click();
  await page.keyboard.type('rm -r "$HOME/n2"; echo gone-$((20+22))\n');
  await expect(dock.locator('.xterm-rows')).toContainText('gone-42');
  await page.keyboard.press('Control+`');
  await button(page, 'note', 'Re-check', 'n2').click();
  await expect(rowOf(page, 'note', 'n2')).toContainText('drifted');
});

test('a terminal survives a reload, with what it has shown', async ({ page, runner }) => {
  await page.goto(runner.at('/basics/files/'));
  await page.getByRole('button', { name: 'Terminal' }).first().click();
  const dock = page.getByRole('region', { name: 'Terminals' });
  await dock.getByLabel('Machine').selectOption('n1');
  await dock.getByRole('button', { name: 'New terminal' }).click();
  await expect(dock.locator('.xterm-rows')).toContainText(/[#$]/);
  await page.keyboard.type('echo mark-$((40+2))\n');
  await expect(dock.locator('.xterm-rows')).toContainText('mark-42');
  await page.reload();
  await expect(dock.locator('.xterm-rows')).toContainText('mark-42');
  await dock.locator('.xterm').click();
  await page.keyboard.type('exit\n');
  await expect(dock.locator('.xterm-rows')).toContainText('the shell has ended');
  await dock.getByRole('button', { name: 'Close the terminal on n1' }).click();
  await expect(dock.getByRole('tab', { name: /^n1/ })).toHaveCount(0);
});

test('the matrix shows every step by every machine, live, and leads to the transcript', async ({
  page,
  context,
  runner,
}) => {
  await page.goto(runner.at('/progress/'));
  const grid = page.getByRole('grid', { name: 'Steps by machines' });
  await expect(grid.getByRole('columnheader')).toHaveText(['Step', 'workstation', 'n1', 'n2']);
  const chapter = await context.newPage();
  await chapter.goto(`${runner.origin}/basics/files/`);
  await prove(chapter, 'greet');
  const cell = grid.getByRole('link', { name: 'greet on workstation: proven' });
  await expect(cell).toBeVisible();
  await page.getByLabel('Text of the step').fill('greet');
  await expect(grid.locator('tbody tr:not(.kfs-grid-chapter)')).toHaveCount(1);
  await cell.click();
  const replay = page.getByRole('region', { name: 'greet on workstation' });
  await expect(replay).toContainText('sha256');
  await expect(replay.locator('.xterm-rows')).toContainText('hello from');
  const [raw] = await Promise.all([
    page.waitForEvent('download'),
    replay.getByRole('button', { name: 'Download as printed' }).click(),
  ]);
  expect(readFileSync(await raw.path(), 'utf8')).toContain('hello from');
  const [cast] = await Promise.all([
    page.waitForEvent('download'),
    replay.getByRole('button', { name: 'Download for asciinema' }).click(),
  ]);
  expect(JSON.parse(readFileSync(await cast.path(), 'utf8').split('\n')[0]!).version).toBe(2);
});

test('a transcript replays with its timing', async ({ page, runner }) => {
  await page.goto(runner.at('/basics/trouble/'));
  await runButton(page, 'slow').click();
  await expect(outputOf(page, 'slow')).toContainText('line 15');
  await button(page, 'slow', 'Stop').click();
  await expect(rowOf(page, 'slow')).toContainText('failed');
  await rowOf(page, 'slow').getByRole('link', { name: 'Transcript' }).click();
  const rows = page.locator('kfs-replay .xterm-rows');
  await expect(rows).toContainText('line 15');
  await page.getByLabel('Time').fill('0');
  await expect(rows).not.toContainText('line 3');
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(rows).toContainText('line 3');
  await expect(rows).not.toContainText('line 15');
  await page.getByLabel('Speed').selectOption('20');
  await expect(rows).toContainText('line 15');
});

test('the grid is one tab stop and moves by the arrow keys', async ({ page, runner }) => {
  await page.goto(runner.at('/progress/'));
  const first = page.locator('.kfs-grid td a').first();
  await first.focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('.kfs-grid td a:focus')).toHaveAttribute('aria-label', /^second on workstation/);
  await expect(page.locator('.kfs-grid td a[tabindex="0"]')).toHaveCount(1);
});

test('the plan page shows the file’s own messages, what becomes stale, and keeps the comments', async ({
  page,
  runner,
}) => {
  await page.goto(runner.at(PAGE));
  await prove(page, 'note', 'n2');
  await page.goto(`${runner.origin}/plan/`);
  const save = page.getByRole('button', { name: 'Save' });
  const name = page.getByRole('region', { name: 'The cluster' }).getByLabel('Name');
  await expect(name).toHaveValue('small');
  await expect(save).toBeDisabled();
  await name.fill('Not a name');
  await expect(page.getByText('is not a DNS label').first()).toBeVisible();
  await expect(save).toBeDisabled();
  await name.fill('smaller');
  await expect(page.locator('.kfs-stale')).toContainText('note on n2');
  await save.click();
  await expect(save).toBeDisabled();
  const file = readFileSync(join(runner.state, 'cluster.yaml'), 'utf8');
  expect(file).toContain('name: smaller');
  expect(file).toContain('# The plan of a test; this comment must stay.');
  expect(file).toContain('workstation: 10.99.0.2 # this laptop');
  await page.goto(`${runner.origin}${PAGE}`);
  await expect(rowOf(page, 'note', 'n2')).toContainText('stale');
});

test('a plan that was changed by someone else meanwhile is not overwritten', async ({ page, runner }) => {
  await page.goto(runner.at('/plan/'));
  const domain = page.getByLabel('Domain');
  await domain.fill('other.home.arpa');
  await expect(page.getByRole('button', { name: 'Save' })).toBeEnabled();
  runner.editPlan('# The plan of a test', '# Edited by hand. The plan of a test');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'was changed' })).toBeAttached();
  expect(readFileSync(join(runner.state, 'cluster.yaml'), 'utf8')).toContain('# Edited by hand');
});

test('without certificates the page says where they come from', async ({ page, runner }) => {
  await page.goto(runner.at('/certificates/'));
  await expect(page.locator('kfs-certificates')).toContainText('There are none yet');
});
