/**
 * The Markdown plugin that puts each step of a chapter on its page. It compiles the chapter's own source with the
 * very compiler that makes the manifest, so that page and manifest cannot differ; a fence of a check is taken from
 * where it stands and folded into its step.
 */
import { fileURLToPath } from 'node:url';
import { defineMdastPlugin, type MdastPluginEntry } from 'satteri';
import { compileChapter } from '../../runner/book/chapter.ts';
import { BookError } from '../../runner/book/finding.ts';
import type { Step } from '../../runner/book/manifest.ts';
import { formatError } from '../../runner/errors.ts';
import { readRecord } from './record.ts';
import { stepElement } from './step-element.ts';

export interface StepsPluginOptions {
  /** Folder of the book; for `content/record.json`. */
  book: string;
}

/** For `satteri({ mdastPlugins: [stepsPlugin({ book })] })`. */
export function stepsPlugin({ book }: StepsPluginOptions): MdastPluginEntry {
  return ({ source, fileURL }) => {
    if (!/^\s*[>\s]*(`{3,}|~{3,})/m.test(source)) return null;
    const { steps, findings } = compileChapter(source, fileURL ? fileURLToPath(fileURL) : 'chapter.mdx');
    const record = readRecord(book);
    const [byPlace, checks] = placesOf(steps);
    return defineMdastPlugin({
      name: 'book-steps',
      options: { position: true },
      // Thrown here, not above: Astro adds the page's name to what a plugin throws.
      before: () => {
        if (findings.length > 0) throw new Error(formatError(new BookError(findings)));
      },
      code(node, context) {
        const start = node.position?.start;
        if (!start) return;
        const at = `${start.line}:${start.column}`;
        if (checks.has(at)) context.removeNode(node);
        const step = byPlace.get(at);
        if (step) return stepElement(step, displayOf(node.meta ?? ''), record[step.id]) as never;
      },
    });
  };
}

function placesOf(steps: readonly Step[]): [Map<string, Step>, Set<string>] {
  const at = ({ line, column }: { line: number; column: number }): string => `${line}:${column}`;
  const checks = steps.flatMap(step => (step.check ? [at(step.check.place)] : []));
  return [new Map(steps.map(step => [at(step.place), step])), new Set(checks)];
}

/** What Expressive Code may see: a frame's title, and whether long lines wrap. */
function displayOf(meta: string): string {
  return meta.match(/(?<=^|\s)(title=("[^"]*"|'[^']*')|wrap)(?=\s|$)/g)?.join(' ') ?? '';
}
