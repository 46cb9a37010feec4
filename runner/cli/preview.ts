/** `--dry-run`: machine, user and final text of everything that would run. */
import { stepById } from '../book/order.ts';
import type { Runner, Selection } from '../run/runner.ts';
import { type Globals, paint } from './context.ts';

export function printPreview(runner: Runner, selection: Selection, context: Globals): void {
  const rows = runner.preview(selection).map(row => describe(runner, row));
  if (context.json) {
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  for (const row of rows) {
    const where = row.host === row.subject ? row.host : `${row.host}, for ${row.subject}`;
    process.stdout.write(
      `${paint('bold', row.step)}  ${paint('cyan', `${row.user}@${where}`)}  ${row.kind}\n`,
    );
    if (row.destroys) process.stdout.write(`${paint('red', `destroys ${row.destroys}`)}\n`);
    for (const [name, value] of Object.entries(row.values))
      process.stdout.write(paint('dim', `${name}=${value}\n`));
    process.stdout.write(`${row.text.replace(/^/gm, '  ').trimEnd()}\n\n`);
  }
  process.stdout.write(`${rows.length} to run; nothing was run\n`);
}

function describe(runner: Runner, row: { step: string; subject: string; destroys?: string }) {
  const step = stepById(runner.manifest(), row.step);
  const plan = runner.plan();
  const host = step.on === 'workstation' ? 'workstation' : row.subject;
  const environment = runner.environment(row.step, row.subject);
  return {
    ...row,
    kind: step.kind,
    host,
    user: host === 'workstation' ? (process.env.USER ?? 'you') : (plan?.ssh.user ?? ''),
    values: Object.fromEntries(step.variables.map(name => [name, environment[name] ?? ''])),
    text: step.text,
  };
}
