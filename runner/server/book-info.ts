/** The manifest and the plan as the page needs them: without texts, which it has, and without paths. */
import type { Manifest, Step } from '../book/manifest.ts';
import type { Plan } from '../plan/plan.ts';
import type { BookInfo, MachineInfo, StepInfo } from '../protocol/messages.ts';

export function bookInfo(manifest: Manifest): BookInfo {
  return {
    digest: manifest.digest,
    parts: manifest.parts.map(({ slug, title, chapters }) => ({ slug, title, chapters })),
    chapters: manifest.chapters.map(({ slug, title, number, part, steps }) => ({
      slug,
      title,
      number,
      part,
      steps,
    })),
    steps: manifest.steps.map(stepInfo),
  };
}

function stepInfo(step: Step): StepInfo {
  const { id, kind, chapter, on, needs, digest, variables, heading, reboots } = step;
  return {
    ...{
      id,
      kind,
      chapter,
      on,
      needs,
      digest,
      variables,
      heading,
      reboots,
      hasCheck: step.check !== undefined,
    },
    ...(step.for !== undefined && { for: step.for }),
    ...(step.either !== undefined && { either: step.either }),
    ...(step.destroys !== undefined && { destroys: step.destroys }),
    ...(step.handsMs !== undefined && { handsMs: step.handsMs }),
    ...(step.notRun && { notRun: true }),
  };
}

export function planInfo(plan: Plan | null): { name: string; machines: MachineInfo[] } | null {
  if (!plan) return null;
  const machines = plan.machines.map(({ name, address, roles }) => ({ name, address, roles }));
  return { name: plan.name, machines };
}
