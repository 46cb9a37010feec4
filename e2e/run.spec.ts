import { button, expect, outputOf, prove, rowOf, runButton, test } from './support/test.ts';

test.use({ of: 'run' });

const FILES = '/basics/files/';

test('a reader reads, clicks Run, sees the output, the proof and the ring; a reload keeps it', async ({
  page,
  runner,
}) => {
  await page.goto(runner.at(FILES));
  await expect(page).toHaveURL(`${runner.origin}${FILES}`);
  await expect(rowOf(page, 'greet')).toContainText('not run');
  await runButton(page, 'greet').click();
  await expect(outputOf(page, 'greet')).toContainText(`hello from ${runner.state}/work`);
  await expect(rowOf(page, 'greet')).toContainText('proven');
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '1 of 2 proven');
  const ring = page.locator('.sidebar kfs-ring[data-chapter="basics/files"]');
  await expect(ring).toHaveAttribute('title', '1 of 2 proven');
  await page.reload();
  await expect(rowOf(page, 'greet')).toContainText('proven');
  await button(page, 'greet', 'Output').click();
  await expect(outputOf(page, 'greet')).toContainText('hello from');
});

test('the check is there on demand, and the values of the variables', async ({ page, runner }) => {
  await page.goto(runner.at(FILES));
  const step = page.locator('kfs-step[data-step="greet"]');
  await step.getByText('How it is proven').click();
  await expect(step.getByText('grep --quiet hello')).toBeVisible();
  await step.getByRole('button', { name: 'Values' }).click();
  await expect(step.locator('.kfs-values')).toContainText('$KFS_HOME');
  await expect(step.locator('.kfs-values')).toContainText(`${runner.state}/work`);
});

test('a second tab has the token already and stays in step', async ({ page, context, runner }) => {
  await page.goto(runner.at(FILES));
  const other = await context.newPage();
  await other.goto(`${runner.origin}${FILES}`);
  await prove(page, 'greet');
  await expect(rowOf(other, 'second')).toContainText('not run');
  await runButton(page, 'second').click();
  await expect(rowOf(other, 'second')).toContainText('proven');
  await expect(other.locator('.sidebar kfs-ring[data-chapter="basics/files"]')).toHaveAttribute(
    'title',
    '2 of 2 proven',
  );
});

test('a changed text makes the step stale; it is accepted, or run again', async ({ page, runner }) => {
  await page.goto(runner.at(FILES));
  await prove(page, 'greet');
  await prove(page, 'second');
  runner.edit('basics/01-files.mdx', 'echo copied', 'echo copied again');
  await expect(page.locator('kfs-step[data-step="second"] .kfs-mismatch')).toContainText(
    'has changed in the book',
  );
  await expect(button(page, 'second', 'Run again')).toBeDisabled();
  await expect(
    page.getByRole('region', { name: 'The book has changed' }).getByText('The pages are new'),
  ).toBeVisible({ timeout: 40_000 });
  await page.reload();
  await expect(rowOf(page, 'second')).toContainText('stale');
  await button(page, 'second', 'Accept as it is').click();
  await expect(rowOf(page, 'second')).toContainText('proven');
});

test('a step that runs is stopped from the page', async ({ page, runner }) => {
  await page.goto(runner.at('/basics/trouble/'));
  await runButton(page, 'slow').click();
  await expect(outputOf(page, 'slow')).toContainText('line 3');
  await button(page, 'slow', 'Stop').click();
  await expect(rowOf(page, 'slow')).toContainText('failed');
  await expect(rowOf(page, 'slow')).toContainText('stopped');
});

test('a reload in the middle of a step joins it again, and nothing is started twice', async ({
  page,
  runner,
}) => {
  await page.goto(runner.at('/basics/trouble/'));
  await runButton(page, 'slow').click();
  await expect(outputOf(page, 'slow')).toContainText('line 2');
  await page.reload();
  await expect(rowOf(page, 'slow')).toContainText('running');
  await button(page, 'slow', 'Output').click();
  await expect(outputOf(page, 'slow')).toContainText(/line \d\d/);
  await button(page, 'slow', 'Stop').click();
  await expect(rowOf(page, 'slow')).toContainText('failed');
});

test('what a program asks is answered in the page', async ({ page, runner }) => {
  await page.goto(runner.at('/basics/trouble/'));
  await runButton(page, 'asks').click();
  await expect(outputOf(page, 'asks')).toContainText('your name:');
  await page.locator('kfs-step[data-step="asks"] .xterm').click();
  await page.keyboard.type('Ada\n');
  await expect(outputOf(page, 'asks')).toContainText('welcome, Ada');
  await expect(rowOf(page, 'asks')).toContainText('proven');
});

test('escape sequences and HTML in the output stay in the terminal', async ({ page, runner }) => {
  let dialogs = 0;
  page.on('dialog', dialog => {
    dialogs++;
    void dialog.dismiss();
  });
  await page.goto(runner.at('/basics/trouble/'));
  const title = await page.title();
  await runButton(page, 'nasty').click();
  await expect(outputOf(page, 'nasty')).toContainText('still here');
  await expect(rowOf(page, 'nasty')).toContainText('proven');
  expect(await page.locator('kfs-step[data-step="nasty"] :is(img, script)').count()).toBe(0);
  expect(await page.title()).toBe(title);
  expect(dialogs).toBe(0);
});

test('when the check does not hold the page says so, with what the check printed', async ({
  page,
  runner,
}) => {
  await page.goto(runner.at('/basics/trouble/'));
  await runButton(page, 'unproven').click();
  await expect(rowOf(page, 'unproven')).toContainText('failed');
  await expect(page.locator('kfs-step[data-step="unproven"]')).toContainText('the file is not there');
});

test('the runner ends and comes back: the page says so, and does nothing by itself', async ({
  page,
  runner,
}) => {
  await page.goto(runner.at(FILES));
  await prove(page, 'greet');
  await page.waitForLoadState('networkidle');
  await runner.down();
  await expect(page.locator('.right-group kfs-link')).toContainText('Not connected');
  await expect(button(page, 'greet', 'Run again')).toBeDisabled();
  await runner.up();
  await page.goto(runner.at(FILES));
  await expect(rowOf(page, 'greet')).toContainText('proven');
});

test('a chapter runs as a whole, stops at the first failure, and every tab sees how far it is', async ({
  page,
  context,
  runner,
}) => {
  await page.goto(runner.at(FILES));
  const other = await context.newPage();
  await other.goto(`${runner.origin}${FILES}`);
  runner.edit('basics/01-files.mdx', "printf 'hello", "printf 'hello, hello");
  await expect(page.getByRole('region', { name: 'The book has changed' }).getByRole('button')).toBeVisible({
    timeout: 40_000,
  });
  await Promise.all([page.reload(), other.reload()]);
  await prove(page, 'greet');
  await expect(rowOf(page, 'second')).toContainText('stale');
  await page.getByRole('button', { name: 'Run what is stale' }).click();
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '2 of 2 proven');
  await expect(other.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '2 of 2 proven');
  await page.goto(`${runner.origin}/basics/trouble/`);
  await page.getByRole('button', { name: 'Run chapter' }).click();
  await expect(rowOf(page, 'slow')).toContainText('running');
  await other.goto(`${runner.origin}/basics/trouble/`);
  await expect(other.locator('kfs-chapter')).toContainText('Running Trouble: 0 of');
  await button(other, 'slow', 'Stop').click();
  await expect(page.getByRole('button', { name: 'Run chapter' })).toBeVisible();
  await expect(rowOf(page, 'slow')).toContainText('failed');
});
