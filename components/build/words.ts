/** A step's line on the page, in words: where it runs and what to know before pressing Run. */
import type { Step } from '../../runner/book/manifest.ts';
import { duration } from '../../runner/duration.ts';

const MACHINES: Record<string, string> = {
  first: 'the first machine',
  new: 'each new machine',
  all: 'every machine',
};

const holders = (role: string): string => MACHINES[role] ?? `every machine with the role ${role}`;

const COUNTED: Record<string, string> = {
  first: 'once, for the first machine',
  new: 'once for each new machine',
  all: 'once for each machine',
};

/** `Runs on the workstation, once for each machine.` */
export function whereWords(step: Step): string {
  const verb = step.handsMs !== undefined ? 'Done by hand' : step.kind === 'gate' ? 'Must hold' : 'Runs';
  if (step.on !== 'workstation')
    return `${verb} ${step.handsMs !== undefined ? 'at' : 'on'} ${holders(step.on)}.`;
  const place = step.handsMs !== undefined ? 'at the workstation' : 'on the workstation';
  if (!step.for) return `${verb} ${place}.`;
  return `${verb} ${place}, ${COUNTED[step.for] ?? `once for each machine with the role ${step.for}`}.`;
}

/** What else the reader wants to know first, one short sentence each. */
export function noticeWords(step: Step): string[] {
  return [
    ...(step.handsMs !== undefined ? [`Takes a person about ${duration(step.handsMs)}.`] : []),
    ...(step.destroys ? [`Destroys ${step.destroys}; asks for the machine’s name.`] : []),
    ...(step.reboots ? ['The machine restarts.'] : []),
    ...(step.either ? ['One of several ways: one is enough.'] : []),
    ...(step.notRun ? ['Written, not run by us.'] : []),
  ];
}

/** What the recorded run says of a step; empty when it has none. */
export function recordWords(step: Step, record: StepRecord | undefined): string {
  if (!record) return '';
  if (record.digest !== step.digest) return 'The recorded run is of an older text.';
  return `Took ${duration(record.durationMs)} in the recorded run.`;
}

export interface StepRecord {
  digest: string;
  durationMs: number;
  subject: string;
  output?: string;
}
