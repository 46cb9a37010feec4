/** How far a chapter is: pure counting over its steps and their cells. */
import type { Cell, StepInfo } from '../../runner/protocol/messages.ts';

export interface Progress {
  total: number;
  done: number;
  /** Was done, and needs another look: stale or drifted. */
  worn: number;
  failed: number;
  running: number;
}

/**
 * What counts: every state, event and requirement, for each subject. A look (`show`) proves nothing and a step
 * that is written but not run is nobody's work. Of alternatives one is enough, so a group counts once.
 */
export function progressOf(steps: StepInfo[], cellsOf: (step: string) => Cell[]): Progress {
  const units = new Map<string, Cell[]>();
  for (const step of steps) {
    if (step.kind === 'show' || step.notRun) continue;
    for (const cell of cellsOf(step.id)) {
      const unit = `${step.either ?? `#${step.id}`} ${cell.subject}`;
      units.set(unit, [...(units.get(unit) ?? []), cell]);
    }
  }
  const progress: Progress = { total: units.size, done: 0, worn: 0, failed: 0, running: 0 };
  for (const cells of units.values()) {
    const is = (...statuses: Cell['status'][]) => cells.some(({ status }) => statuses.includes(status));
    if (is('done')) progress.done++;
    else if (is('running', 'hands')) progress.running++;
    else if (is('stale', 'drifted')) progress.worn++;
    else if (is('failed', 'lost', 'interrupted')) progress.failed++;
  }
  return progress;
}

/** `5 of 12 proven, 1 failed`: for a line, a title, a screen reader. */
export function progressWords({ total, done, worn, failed, running }: Progress): string {
  if (total === 0) return 'nothing to run';
  const more = [
    running > 0 && `${running} running`,
    failed > 0 && `${failed} failed`,
    worn > 0 && `${worn} to look at again`,
  ].filter(Boolean);
  return [`${done} of ${total} proven`, ...more].join(', ');
}
