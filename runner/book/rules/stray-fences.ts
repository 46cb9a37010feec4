/** Rule `attribute`: a fence that was meant as a step but for a slip, as `sh steps="x"` or `sh on="first"`. */
import { KINDS, readFence } from '../attributes.ts';
import type { Finding } from '../finding.ts';
import type { Fence } from '../parse.ts';

const MEANT = /(^|\s)(on|for|needs|steps?|events?|shows?|gates?|checks?)\b/i;

export const strayFences = (fences: readonly Fence[]): Finding[] =>
  fences
    .filter(fence => fence.lang === 'sh' && MEANT.test(fence.meta) && readFence(fence) === null)
    .map(fence => ({
      place: { ...fence.place, column: fence.metaColumn },
      rule: 'attribute',
      what: 'a fence with attributes of a step that is none',
      why: 'the runner would leave it out without a word',
      mend: `begin it with ${KINDS.map(kind => `${kind}="id"`).join(', ')} or check="id"`,
    }));
