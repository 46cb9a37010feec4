/** `kfs lint`: what is wrong with the book, each with its line and how to mend it. */
import { join, relative } from 'node:path';
import type { Command } from 'commander';
import { type Finding, formatFinding } from '../book/finding.ts';
import { VARIABLES } from '../plan/variables.ts';
import { type Globals, globals, paint } from './context.ts';
import { EXIT } from './exit.ts';

const HELP = `
Each finding is one line, "file:line:column: what; why; how to mend [rule]". It looks at:
  the format   ids, attributes, roles, needs, one check for each step and event
  the shell    bash -n, shellcheck, blanks and tabs, CR LF, exit and set, variables of the plan
  the content  secrets that would be printed, files written in another form, scripts that are not shown
  the text     links, anchors, headings, title and description

Exit codes: 0 nothing found · 1 something found

  kfs lint                        this book
  kfs lint --book ~/my-book       another
  kfs lint --json | jq '.findings[].rule'`;

export function register(program: Command): void {
  program
    .command('lint')
    .description('check the book: steps, checks, shell, files, links')
    .addHelpText('after', HELP)
    .action(async (_flags: unknown, command: Command) => lint(globals(command)));
}

async function lint({ book, json }: Globals): Promise<void> {
  const { lintBook } = await import('../book/lint.ts');
  const result = await lintBook(book, { variables: VARIABLES });
  const findings = result.findings.map(finding => withPathFromHere(finding, book));
  if (findings.length > 0) process.exitCode = EXIT.failed;
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...result, findings })}\n`);
    return;
  }
  for (const notice of result.notices) process.stderr.write(`kfs lint: ${notice}\n`);
  for (const finding of findings) process.stdout.write(`${formatFinding(finding)}\n`);
  const of = `${count(result.chapters, 'chapter')}, ${count(result.steps, 'step')}`;
  const verdict =
    findings.length === 0 ? paint('green', 'nothing found') : paint('red', count(findings.length, 'finding'));
  process.stdout.write(`${of}: ${verdict}\n`);
}

/** As a terminal or an editor can open it. */
function withPathFromHere(finding: Finding, book: string): Finding {
  const path = relative(process.cwd(), join(book, finding.place.file));
  return { ...finding, place: { ...finding.place, file: path } };
}

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
