/** Rule `fence`: a step's or check's fence is closed and holds something. */
import type { ReadFence } from '../attributes.ts';
import type { Finding } from '../finding.ts';

export function fenceShape({ fence, id }: ReadFence): Finding[] {
  const { place } = fence;
  const findings: Finding[] = [];
  if (!fence.closed)
    findings.push({
      place,
      rule: 'fence',
      what: 'the fence is not closed',
      why: 'all that follows is its text',
      mend: 'close it',
    });
  if (fence.text.trim() === '')
    findings.push({
      place,
      rule: 'fence',
      what: `\`${id}\` has no text`,
      why: 'there is nothing to run',
      mend: 'write it',
    });
  return findings;
}
