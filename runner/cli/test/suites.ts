/**
 * All suites, in the order in which they run: the book on a lab machine takes longest, so it begins; a machine in
 * User-mode Linux uses one processor, and the other suites run meanwhile on the others. Of these, what fails fast comes
 * first, and the slow proofs come last.
 */
import { join } from 'node:path';
import { CHECKOUT } from '../context.ts';
import { browserSuite } from './browser.ts';
import { headlessSuite } from './headless.ts';
import { killedSuite } from './killed-book.ts';
import { labBookSuite } from './lab-book.ts';
import { labBuildSuite } from './lab-build.ts';
import { mistakesSuite } from './mistakes.ts';
import { countCommands, type Suite, tool } from './suite.ts';
import { unitSuite } from './unit.ts';

/** Files that have tests which are too slow for every day. */
const SLOW = [
  'software/**/reproducible.test.ts',
  'software/debian-files.test.ts',
  'lab/{firmware,qemu}.test.ts',
];

/** How long they take. */
const SLOW_MINUTES = 25;

/** Made with crane and the registry, which the headless suite builds where they are not built yet. */
const CONTAINER_IMAGES = 'software/image.test.ts';

export const SUITES: Suite[] = [
  labBuildSuite,
  labBookSuite,
  {
    name: 'types',
    about: 'TypeScript: the runner without DOM, the page without Node, the site',
    run: context =>
      countCommands(
        [
          [tool('tsc'), ['-p', 'runner']],
          [tool('tsc'), ['-p', 'components/browser']],
          [tool('tsc'), ['-p', 'e2e']],
          [tool('astro'), ['check', '--minimumFailingSeverity', 'error']],
        ],
        context,
      ),
  },
  {
    name: 'style',
    about: 'Biome: lint and format',
    run: context => countCommands([[tool('biome'), ['check', '.']]], context),
  },
  {
    name: 'book',
    about: 'kfs lint: every chapter',
    run: context => countCommands([[join(CHECKOUT, 'kfs'), ['lint']]], context),
  },
  unitSuite('unit', 'the tests beside the code of runner, site and software', [
    'runner/**/*.test.ts',
    'components/**/*.test.ts',
    'software/**/*.test.ts',
    `!${CONTAINER_IMAGES}`,
  ]),
  browserSuite,
  headlessSuite,
  unitSuite('images', 'images of containers: the same bytes give the same image', [CONTAINER_IMAGES]),
  unitSuite('lab', 'the lab: network, machines, power, save and restore', ['lab/**/*.test.ts']),
  unitSuite(
    'slow',
    'what is built twice comes out the same; the image on a PC, from its firmware on',
    SLOW,
    SLOW_MINUTES,
  ),
  mistakesSuite,
  killedSuite,
];
