/**
 * Rules `shell-syntax` and `shellcheck`: what the shell itself and shellcheck say of each text. All texts are
 * written to one temporary directory, and each program is started once.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Finding } from '../finding.ts';
import type { StepText } from './rule.ts';

/** As the runner starts it; shellcheck takes `-e` from it and does not ask for `cd … || exit`. */
const HEADER = '#!/bin/bash -eu\n';

export interface ShellFindings {
  findings: Finding[];
  /** Why shellcheck did not look at them, if it did not. */
  notice?: string;
}

export const SHELLCHECK_MISSING =
  'shellcheck is not installed, so nothing was checked with it: sudo apt-get install shellcheck';

/** `shellcheck`: the program to call; tests name another. */
export async function shellPrograms(
  texts: readonly StepText[],
  shellcheck = 'shellcheck',
): Promise<ShellFindings> {
  if (texts.length === 0) return { findings: [] };
  const folder = await mkdtemp(join(tmpdir(), 'kfs-lint-'));
  try {
    const files = texts.map((_, index) => join(folder, String(index)));
    await Promise.all(files.map((file, index) => writeFile(file, HEADER + texts[index]?.text)));
    const syntax = await bashSyntax(files, texts);
    const broken = new Set(syntax.map(one => one.text));
    const sound = files.filter((_, index) => !broken.has(texts[index] as StepText));
    const checked = await runShellcheck(sound, texts, shellcheck);
    return {
      findings: [...syntax.map(one => one.finding), ...checked.findings],
      ...noticeOf(checked.notice),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const noticeOf = (notice: string | undefined): { notice?: string } => (notice ? { notice } : {});

const SYNTAX_LOOP = 'for f in "$@"; do LC_ALL=C bash -n "$f"; done; true';

async function bashSyntax(
  files: string[],
  texts: readonly StepText[],
): Promise<{ text: StepText; finding: Finding }[]> {
  const { stderr } = await run('bash', ['-c', SYNTAX_LOOP, 'bash', ...files]);
  const seen = new Set<StepText>();
  return stderr.split('\n').flatMap(line => {
    const match = /^(.*?): line (\d+): (?:(?:syntax error|warning): )?(.*)$/.exec(line);
    const text = match ? texts[Number(basename(match[1] as string))] : undefined;
    if (!match || !text || seen.has(text)) return [];
    seen.add(text);
    const finding: Finding = {
      place: text.atLine(lineWithin(text, Number(match[2]))),
      rule: 'shell-syntax',
      what: `bash cannot read the ${text.isCheck ? 'check' : 'text'} of \`${text.step.id}\``,
      why: match[3] as string,
      mend: 'close what is open: quotes, brackets, here-documents',
    };
    return [{ text, finding }];
  });
}

/** From bash's line number, header and end of file included, to a line of the text, from 0. */
const lineWithin = (text: StepText, line: number): number =>
  Math.max(0, Math.min(line - 2, text.text.replace(/\n$/, '').split('\n').length - 1));

interface Comment {
  file: string;
  line: number;
  column: number;
  code: number;
  message: string;
}

async function runShellcheck(
  files: string[],
  texts: readonly StepText[],
  program: string,
): Promise<ShellFindings> {
  if (files.length === 0) return { findings: [] };
  const options = ['--shell=bash', '--severity=warning', '--format=json1', '--norc'];
  const result = await run(program, [...options, ...files]);
  if (result.code === 'ENOENT') return { findings: [], notice: SHELLCHECK_MISSING };
  if (!result.stdout.trim().startsWith('{'))
    throw new Error(`shellcheck failed: ${result.stderr || result.code}`);
  const { comments } = JSON.parse(result.stdout) as { comments: Comment[] };
  return {
    findings: comments
      .filter(comment => !isOfThePlan(comment))
      .flatMap(comment => {
        const text = texts[Number(basename(comment.file))];
        return text ? [toFinding(comment, text)] : [];
      }),
  };
}

/** The runner exports the plan's variables; shellcheck cannot know. */
const isOfThePlan = ({ code, message }: Comment): boolean => code === 2154 && /\bKFS_/.test(message);

function toFinding({ line, column, code, message }: Comment, text: StepText): Finding {
  return {
    place: text.atLine(line - 2, column - 1),
    rule: 'shellcheck',
    what: `SC${code} in the ${text.isCheck ? 'check' : 'text'} of \`${text.step.id}\``,
    why: message.trim().replace(/\.$/, ''),
    mend: `see shellcheck.net/wiki/SC${code}`,
  };
}

interface Ran {
  stdout: string;
  stderr: string;
  code: string | number;
}

/** A program that ends with a status is no error here: shellcheck says so when it found something. */
const run = (program: string, args: string[]): Promise<Ran> =>
  new Promise(resolve => {
    execFile(program, args, { maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, code: error?.code ?? 0 });
    });
  });
