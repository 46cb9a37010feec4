/** What a rule over the text of steps gets, and how it says where something is. */
import type { Place } from '../../errors.ts';
import type { CompiledChapter } from '../chapter.ts';
import type { Finding } from '../finding.ts';
import type { Step } from '../manifest.ts';
import { parseShell } from '../shell/parse.ts';
import { lineOf, type Script } from '../shell/tree.ts';

/** The text of a step or of its check. */
export interface StepText {
  step: Step;
  isCheck: boolean;
  text: string;
  script: Script;
  chapter: CompiledChapter;
  /** The place of an offset within the text. */
  at(offset: number): Place;
  /** The place of a line within the text, from 0, and a column in it, from 0. */
  atLine(line: number, column?: number): Place;
}

export type TextRule = (text: StepText) => Finding[];

/** Every text that would run, in reading order, each check after its step. */
export function stepTexts(chapters: readonly CompiledChapter[]): StepText[] {
  return chapters.flatMap(chapter =>
    chapter.steps.flatMap(step => [
      toText(step, false, step.text, step.place, chapter),
      ...(step.check ? [toText(step, true, step.check.text, step.check.place, chapter)] : []),
    ]),
  );
}

function toText(
  step: Step,
  isCheck: boolean,
  text: string,
  fence: Place,
  chapter: CompiledChapter,
): StepText {
  const lines = text.split('\n');
  const atLine = (line: number, column = 0): Place => {
    const source = chapter.parsed.lines[fence.line + line] ?? '';
    const own = lines[line] ?? '';
    const indent = source.endsWith(own) ? source.length - own.length : fence.column - 1;
    return { file: fence.file, line: fence.line + 1 + line, column: indent + column + 1 };
  };
  return {
    step,
    isCheck,
    text,
    script: parseShell(text),
    chapter,
    at: offset => {
      const { line, column } = lineOf(text, offset);
      return atLine(line, column);
    },
    atLine,
  };
}
