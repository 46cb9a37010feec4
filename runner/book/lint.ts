/**
 * Everything that `kfs lint` refuses, wired: what keeps the book from compiling, then one rule a file. Each rule is
 * a function of what was read; this reads the folder and asks them all.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type Book, readBook } from './compile.ts';
import { type Finding, sortFindings } from './finding.ts';
import { type GlossaryTerm, readGlossary } from './glossary.ts';
import { blackBox } from './rules/black-box.ts';
import { crlf } from './rules/crlf.ts';
import { earlyEnd } from './rules/early-end.ts';
import { exitOrSet } from './rules/exit-or-set.ts';
import { frontmatter } from './rules/frontmatter.ts';
import { hands } from './rules/hands.ts';
import { headings } from './rules/headings.ts';
import { links, type Site } from './rules/links.ts';
import { oneForm } from './rules/one-form.ts';
import { stepTexts, type TextRule } from './rules/rule.ts';
import { secrets } from './rules/secrets.ts';
import { shellPrograms } from './rules/shell-programs.ts';
import { tabs } from './rules/tabs.ts';
import { terms } from './rules/terms.ts';
import { trailingBlanks } from './rules/trailing-blanks.ts';
import { type KnownVariable, variables } from './rules/variables.ts';

export type { KnownVariable } from './rules/variables.ts';

export interface LintOptions {
  /** What a plan defines. */
  variables: readonly KnownVariable[];
  /** Program to use for shellcheck. */
  shellcheck?: string;
}

export interface LintResult {
  /** In reading order of files and lines. */
  findings: Finding[];
  /** What could not be looked at, and why. */
  notices: string[];
  /** How much was looked at. */
  chapters: number;
  steps: number;
}

export async function lintBook(dir: string, options: LintOptions): Promise<LintResult> {
  const book = await readBook(dir);
  const all = [...book.chapters, ...book.pages];
  const texts = stepTexts(all);
  const textRules: TextRule[] = [
    trailingBlanks,
    tabs,
    exitOrSet,
    earlyEnd,
    variables(options.variables),
    oneForm,
    blackBox(all),
    secrets,
    hands,
  ];
  const glossary = readGlossary(join(dir, 'content', 'glossary.yaml'));
  const chapterRules = [
    crlf,
    headings,
    frontmatter,
    links(await readSite(dir, book, glossary)),
    terms(glossary),
  ];
  const shell = await shellPrograms(texts, options.shellcheck);
  return {
    findings: sortFindings([
      ...book.findings,
      ...all.flatMap(chapter => chapterRules.flatMap(rule => rule(chapter))),
      ...texts.flatMap(text => textRules.flatMap(rule => rule(text))),
      ...shell.findings,
    ]),
    notices: shell.notice ? [shell.notice] : [],
    chapters: book.chapters.length,
    steps: book.manifest.steps.length,
  };
}

/** What links may lead to beside the chapters: files of `public/`, pages that are programs, terms of the glossary. */
async function readSite(dir: string, book: Book, glossary: GlossaryTerm[]): Promise<Site> {
  const chapters = book.outline.parts.flatMap(part => part.chapters);
  const programs = (await filesBelow(join(dir, 'pages')))
    .filter(path => path.endsWith('.astro'))
    .map(path => path.replace(/(\/?index)?\.astro$/, ''));
  return {
    chapters: book.chapters,
    pages: book.pages,
    programs,
    unwritten: chapters.filter(chapter => chapter.file === undefined).map(chapter => chapter.slug),
    files: await filesBelow(join(dir, 'public')),
    anchors: { 'appendices/glossary': glossary.map(({ id }) => id) },
  };
}

async function filesBelow(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder, { recursive: true })).map(path => path.split(sep).join('/'));
}
