/** The preparation of the lab on the terminal: a line that changes; plain lines, seldom, where there is no terminal. */

import { duration } from '../../duration.ts';
import type { LabPreparation } from '../../protocol/messages.ts';

const REST = 10_000;

/** With `json`, one JSON value a line, as the pages get it. */
export function labLine(json: boolean, stream: NodeJS.WriteStream = process.stderr) {
  let last = { what: '', at: 0 };
  let open = false;
  return (lab: LabPreparation | null): void => {
    if (json) return void stream.write(`${JSON.stringify({ lab })}\n`);
    if (lab?.state === 'working' && stream.isTTY) {
      stream.write(`\r\x1b[K${lineOf(lab).slice(0, (stream.columns || 80) - 1)}`);
      open = true;
      return;
    }
    if (open) stream.write('\r\x1b[K');
    open = false;
    if (!lab) return;
    if (lab.state === 'working' && lab.what === last.what && Date.now() - last.at < REST) return;
    if (lab.state === 'working') last = { what: lab.what, at: Date.now() };
    stream.write(`${lineOf(lab)}\n`);
  };
}

function lineOf(lab: LabPreparation): string {
  if (lab.state === 'ready') return `lab: ${lab.text}`;
  if (lab.state === 'working') {
    const left = lab.leftMs === undefined ? '' : `  about ${duration(lab.leftMs)} left`;
    return `lab ${String(lab.percent).padStart(2)} %${left}  ${lab.what}${lab.text ? `: ${lab.text}` : ''}`;
  }
  const head = lab.impossible ? 'lab: this computer cannot run one' : 'lab: its preparation failed';
  const works = lab.impossible
    ? '\n  The steps for the workstation, and machines of your own, work without.'
    : '';
  return `${head}: ${lab.message}${lab.next ? `\n  → ${lab.next}` : ''}${works}`;
}
