/** Mistakes in the plan, and with the software. */
import type { Mistake } from './mistake.ts';

const chapter = 'one-machine/prerequisites';
const keep = { workstation: 'mv plan.kept "$KFS_PLAN"' };
/** Edits the plan by sed, and keeps the right one. */
const edited = (script: string) => ({
  workstation: `cp "$KFS_PLAN" plan.kept; sed --in-place '${script}' "$KFS_PLAN"`,
});
const inPlan = { chapter, try: ['check', 'plan'], cure: keep };

export const PLAN: Mistake[] = [
  {
    ...inPlan,
    title: 'the machine has an address of another network',
    make: edited('s/address: 10.77.0.11/address: 10.78.0.11/'),
    row: 'which is outside the subnet',
  },
  {
    ...inPlan,
    title: 'the machine and the workstation have the same address',
    make: edited('s/workstation: .*/workstation: 10.77.0.11/'),
    row: 'and so has …',
  },
  {
    ...inPlan,
    title: 'the range of the pods overlaps that of the Services',
    make: edited('1a pods: 10.96.0.0/12'),
    row: 'overlaps',
  },
  {
    ...inPlan,
    title: 'the data disk is the system disk',
    make: edited('s#data: .*#data: [/dev/ubda]#'),
    row: 'is the system disk of …',
  },
  {
    ...inPlan,
    title: 'the MAC address lacks a digit',
    make: edited('s/mac: 52:54:00:77:00:11/mac: 52:54:00:77:00:1/'),
    row: 'is not a MAC address',
  },
  {
    title: 'kfs plan init is typed a second time',
    chapter,
    try: ['plan', 'init', '--no-ask'],
    row: 'there is a plan already',
    holds: ['check', 'plan'],
  },
  {
    title: 'the clock of the workstation is behind by a year',
    chapter,
    make: { workstation: 'touch --date="next year" "$KFS_BOOK/content/.from-the-future"' },
    try: ['run', 'clock-not-behind', '--force'],
    row: 'changed in the future: …',
    cure: { workstation: 'rm "$KFS_BOOK/content/.from-the-future"' },
  },
  {
    title: 'a file of the mirror was changed',
    chapter,
    make: {
      // The mirror's files may be links into the cache: another file takes its place.
      workstation: `file=$(echo mirror/etcd/*/amd64/etcdutl)
mv "$file" etcdutl.kept; { cat etcdutl.kept; echo; } >"$file"`,
    },
    try: ['check', 'software-build'],
    row: 'FAILED',
    cure: { workstation: 'mv etcdutl.kept mirror/etcd/*/amd64/etcdutl' },
  },
];
