/** Rule `place`: a step says where it runs, and `for` is for steps of the workstation. That roles exist is read with them. */
import type { ReadFence } from '../attributes.ts';
import type { Finding } from '../finding.ts';

export function stepPlace({ fence, kind, id, values, placeOf }: ReadFence): Finding[] {
  if (kind === 'check') return [];
  const findings: Finding[] = [];
  if (!values.has('on'))
    findings.push({
      place: fence.place,
      rule: 'place',
      what: `\`${id}\` does not say where it runs`,
      why: 'the runner cannot guess',
      mend: 'add on="…"',
    });
  if (values.has('for') && values.get('on') !== 'workstation')
    findings.push({
      place: placeOf('for'),
      rule: 'place',
      what: '`for` on a step that does not run on the workstation',
      why: 'on a role a step runs on every machine of it anyway',
      mend: 'drop `for`, or write on="workstation"',
    });
  if (values.get('for') === 'workstation')
    findings.push({
      place: placeOf('for'),
      rule: 'place',
      what: '`for` the workstation',
      why: 'it names machines',
      mend: 'name a role, or drop it',
    });
  return findings;
}
