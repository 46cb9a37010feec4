/** How long each chapter took in a run: wall time, with its checks and the waiting in between. */
import type { Manifest } from '../book/manifest.ts';
import type { RunEvent } from '../events.ts';

export interface ChapterTime {
  chapter: string;
  /** From the first start of one of its steps to the last end. */
  durationMs: number;
}

/** Collects the times while a run goes on; chapters come in the order in which they began. */
export function chapterTimes(manifest: Manifest): { event(event: RunEvent): void; end(): ChapterTime[] } {
  const chapterOf = new Map(manifest.steps.map(step => [step.id, step.chapter]));
  const titleOf = new Map(
    manifest.chapters.map(({ slug, number, title }) => [slug, `${number} ${title}`.trim()]),
  );
  const spans = new Map<string, { from: number; to: number }>();
  const spanOfRun = new Map<string, { from: number; to: number }>();
  return {
    event(event) {
      if (event.type === 'run.started') {
        const chapter = chapterOf.get(event.step);
        if (chapter === undefined) return;
        const span = spans.get(chapter) ?? { from: event.at, to: event.at };
        spans.set(chapter, span);
        spanOfRun.set(event.run, span);
      } else if (event.type === 'run.finished') {
        const span = spanOfRun.get(event.run);
        if (span) span.to = event.at;
      }
    },
    end: () =>
      [...spans].map(([slug, { from, to }]) => ({
        chapter: titleOf.get(slug) ?? slug,
        durationMs: to - from,
      })),
  };
}
