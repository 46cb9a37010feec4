/** What `kfs lab` prints: for people, or one JSON value a line for programs. */
import type { LabStatus, Report } from './lab.ts';
import type { Finding } from './probe.ts';

/** Progress on standard error: one line that is rewritten on a terminal, a line at each new tenth elsewhere. */
export function reporter(json: boolean): Report {
  let last = '';
  return ({ phase, done, total, text }) => {
    const percent = Math.floor((done * 100) / Math.max(total, 1));
    if (json) return void process.stderr.write(`${JSON.stringify({ phase, done, total, text })}\n`);
    const step = `${phase} ${process.stderr.isTTY ? percent : Math.floor(percent / 10)}`;
    if (step === last) return;
    last = step;
    const line = `${String(percent).padStart(3)} % ${phase}: ${text}`;
    process.stderr.write(
      process.stderr.isTTY ? `\r\x1b[K${line}${percent === 100 ? '\n' : ''}` : `${line}\n`,
    );
  };
}

export function printStatus(status: LabStatus | { up: false }, json: boolean): void {
  if (json) return void process.stdout.write(`${JSON.stringify(status)}\n`);
  if (!status.up) return void process.stdout.write('the lab is down\n');
  const out =
    status.uplink === 'none'
      ? `no way out${status.noWayOut ? ` (${status.noWayOut})` : ''}`
      : `way out by ${status.uplink}`;
  process.stdout.write(`lab on ${status.network.subnet}, ${status.backend} (${status.engine}), ${out}\n`);
  for (const machine of status.machines) {
    const from = machine.from ? ` from ${machine.from}` : '';
    const ended = machine.ended ? `: ${machine.ended}` : '';
    const since = machine.since.replace(/\.\d+Z$/, 'Z');
    process.stdout.write(
      `${machine.name.padEnd(12)} ${machine.address.padEnd(15)} ${machine.power}${from} since ${since}${ended}\n`,
    );
  }
}

export function printProbe(findings: Finding[], json: boolean): void {
  if (json) process.stdout.write(`${JSON.stringify(findings)}\n`);
  for (const finding of json ? [] : findings) {
    const mark = finding.ok ? 'yes' : finding.needed ? 'NO ' : 'no ';
    process.stdout.write(`${mark} ${finding.what}: ${finding.why}\n`);
    if (!finding.ok && finding.next) process.stdout.write(`      → ${finding.next}\n`);
  }
  if (findings.some(finding => finding.needed && !finding.ok)) process.exitCode = 3;
}
