/** Rules `needs` and `needs-cycle`: what a step waits for exists, and can be proven before it. */
import type { Finding } from '../finding.ts';
import type { Step } from '../manifest.ts';
import { directNeeds } from '../order.ts';

export function unknownNeeds(steps: readonly Step[]): Finding[] {
  const known = new Map(steps.map(step => [step.id, step]));
  return steps.flatMap(step =>
    step.needs
      .filter(id => !known.has(id) || id === step.id || known.get(id)?.kind === 'show')
      .map(id => ({
        place: step.place,
        rule: 'needs',
        what: `\`${step.id}\` needs \`${id}\`, which ${
          id === step.id ? 'is itself' : known.has(id) ? 'only shows something' : 'does not exist'
        }`,
        why: 'it could never be proven before it',
        mend: 'name a step, an event or a gate of this book',
      })),
  );
}

/** One finding a cycle, at its first step in reading order. A cycle can close over the steps above in a chapter. */
export function needsCycles(steps: readonly Step[]): Finding[] {
  // What `unknownNeeds` has said already is left out.
  const waysOf = (step: Step): Step[][] =>
    directNeeds(steps, step)
      .map(({ ways }) => ways)
      .filter(ways => ways.every(({ kind }) => kind !== 'show'));
  const all = new Map(steps.map(step => [step, waysOf(step)]));
  const provable = provableSteps(all);
  const blocking = (step: Step): Step[] =>
    (all.get(step) ?? []).filter(ways => !ways.some(one => provable.has(one))).flat();
  const done = new Set<Step>();
  const findings: Finding[] = [];
  const visit = (step: Step, path: Step[]): void => {
    const at = path.indexOf(step);
    if (at >= 0) findings.push(cycleFinding(path.slice(at)));
    if (at >= 0 || done.has(step)) return;
    path.push(step);
    for (const need of blocking(step)) visit(need, path);
    path.pop();
    done.add(step);
  };
  for (const step of steps) if (!provable.has(step)) visit(step, []);
  return findings;

  function cycleFinding(cycle: Step[]): Finding {
    const explicit = cycle.filter((step, i) =>
      step.needs.includes((cycle[(i + 1) % cycle.length] as Step).id),
    );
    const first = (explicit.length ? explicit : cycle).reduce((a, b) =>
      steps.indexOf(a) <= steps.indexOf(b) ? a : b,
    );
    const start = cycle.indexOf(first);
    const names = [...cycle.slice(start), ...cycle.slice(0, start), first].map(step => `\`${step.id}\``);
    return {
      place: first.place,
      rule: 'needs-cycle',
      what: `${names.join(' needs ')}`,
      why: 'none of them could ever be the first (a step needs those above it in its chapter as well)',
      mend: 'drop one of these needs, or move a step',
    };
  }
}

/** What can be proven in some order: a step each of whose needs has an alternative that can be. */
function provableSteps(all: ReadonlyMap<Step, Step[][]>): Set<Step> {
  const provable = new Set<Step>();
  for (let before = -1; before !== provable.size; ) {
    before = provable.size;
    for (const [step, needs] of all)
      if (needs.every(ways => ways.some(one => provable.has(one)))) provable.add(step);
  }
  return provable;
}
