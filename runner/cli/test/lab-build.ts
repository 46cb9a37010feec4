/** What labs share is built before the tests that have a limit: on a cold cache it takes longer than a test may. */
import { inLab } from './book-lab.ts';
import { inFreshLab } from './fresh-lab.ts';
import type { Suite } from './suite.ts';

export const labBuildSuite: Suite = {
  name: 'lab-build',
  about:
    "the lab's kernel and the operating system's image, if the cache does not have them (a quarter of an hour)",
  run: inLab(({ signal }) => inFreshLab('lab-build', signal, async (_state, up) => up)),
};
