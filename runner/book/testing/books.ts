/** Small books for tests, on disk and in memory. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { compileChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';
import { stepTexts, type TextRule } from '../rules/rule.ts';

/** A folder with these files, gone after the test. */
export function bookFolder(context: TestContext, files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'kfs-book-'));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

/** A fence that no text closes by accident. */
export const fence = (meta: string, text: string): string => `\`\`\`\`\`sh ${meta}\n${text}\n\`\`\`\`\`\n`;

/** A step with a check that holds always. */
export const step = (id: string, text: string, meta = 'on="first"'): string =>
  `${fence(`step="${id}" ${meta}`, text)}\n${fence(`check="${id}"`, 'true')}`;

/** What a rule says of a step's text: `line:column what`, lines and columns of the text itself, from 1. */
export function findingsIn(rule: TextRule, text: string, meta = 'on="first"'): string[] {
  const chapter = compileChapter(step('s', text, meta), 'c.mdx');
  return stepTexts([chapter])
    .flatMap(rule)
    .map(({ place, what }) => `${place.line - 1}:${place.column} ${what}`);
}

/** Findings as they are printed, without their rule's reasons: `file:line:column rule: what`. */
export const brief = (findings: readonly Finding[]): string[] =>
  findings.map(({ place, rule, what }) => `${place.file}:${place.line}:${place.column} ${rule}: ${what}`);
