/**
 * Rules `step-check` and `check-step`: a step and an event have exactly one check, below them in their chapter; a
 * show and a gate have none.
 */
import type { ReadFence } from '../attributes.ts';
import type { Finding } from '../finding.ts';

export function checkPairs(all: readonly ReadFence[]): Finding[] {
  return all.flatMap((one, index) => {
    const problem = one.kind === 'check' ? problemOfCheck(one, index, all) : problemOfStep(one, all);
    return problem ? [{ place: one.fence.place, ...problem }] : [];
  });
}

type Problem = Omit<Finding, 'place'>;

function problemOfStep({ id, kind }: ReadFence, all: readonly ReadFence[]): Problem | null {
  if (kind !== 'step' && kind !== 'event') return null;
  if (all.some(other => other.kind === 'check' && other.id === id)) return null;
  return {
    rule: 'step-check',
    what: `${kind} \`${id}\` has no check`,
    why: 'nothing proves that it worked',
    mend: `add a \`\`\`sh check="${id}" fence below it`,
  };
}

function problemOfCheck(check: ReadFence, index: number, all: readonly ReadFence[]): Problem | null {
  const same = all.filter(other => other.id === check.id);
  const owner = same.find(other => other.kind !== 'check');
  const first = same.find(other => other.kind === 'check');
  if (!owner)
    return {
      rule: 'check-step',
      what: `check \`${check.id}\` has no step`,
      why: 'nothing would look at it',
      mend: `add a step="${check.id}" above, or drop it`,
    };
  if (owner.kind === 'show' || owner.kind === 'gate')
    return {
      rule: 'check-step',
      what: `${owner.kind} \`${check.id}\` has a check`,
      why: owner.kind === 'gate' ? 'a gate is itself the check' : 'a show proves nothing',
      mend: 'drop the check, or make it a step',
    };
  if (all.indexOf(owner) > index)
    return {
      rule: 'check-step',
      what: `check \`${check.id}\` stands before its step`,
      why: 'the reader meets the proof before the deed',
      mend: 'move it below the step',
    };
  if (first === check) return null;
  return {
    rule: 'step-check',
    what: `a second check for \`${check.id}\``,
    why: 'one of them would not be looked at',
    mend: 'join them: every line of a check must hold',
  };
}
