/**
 * A chapter as one bash script a host, that a person runs with nothing else there. The texts of the steps stand in it
 * byte for byte, in quoted here-documents; values of the plan are written in as this host sees them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chapter, Step } from '../../book/manifest.ts';
import { cellNeeds } from '../../book/order.ts';
import { renderEnv, shellQuote } from '../../plan/environment.ts';

export interface Source {
  chapter: Chapter;
  /** All steps of the book, for what they need. */
  steps: readonly Step[];
  /** Machines that a step is for, or `workstation`. */
  subjectsOf(step: Step): string[];
  /** What a step sees on its host. */
  environment(step: Pick<Step, 'on'>, subject: string): Record<string, string>;
}

interface Cell {
  step: Step;
  subject: string;
}

const RUNTIME = join(import.meta.dirname, 'runtime.sh');
/** What tells which command ended a step, as in the runner. */
const TELL = join(import.meta.dirname, '../../machine/supervisor/tell.sh');

const hostOf = ({ step, subject }: Cell): string => (step.on === 'workstation' ? 'workstation' : subject);

/** Host names and their scripts, in the order in which the chapter comes to them. */
export function exportChapter(source: Source): Map<string, string> {
  const cells = source.steps
    .filter(step => step.chapter === source.chapter.slug)
    .flatMap(step => source.subjectsOf(step).map(subject => ({ step, subject })));
  const hosts = [...new Set(cells.map(hostOf))];
  return new Map(hosts.map(host => [host, hostScript(host, cells, source)]));
}

function hostScript(host: string, cells: readonly Cell[], source: Source): string {
  const own = cells.filter(cell => hostOf(cell) === host);
  const base = source.environment({ on: host === 'workstation' ? host : 'all' }, host);
  const waited = new Set<string>();
  return [
    header(host, source.chapter),
    renderEnv(base),
    'set -uo pipefail\n',
    `kfs_host=${shellQuote(host)}\n`,
    ...(host === 'workstation' ? ['mkdir -p "$KFS_HOME" && cd "$KFS_HOME" || exit 1\n'] : ['cd || exit 1\n']),
    `\n${readFileSync(RUNTIME, 'utf8')}`,
    `\ncat >"$kfs_dir/tell.sh" ${hereDocument(readFileSync(TELL, 'utf8'))}`,
    ...own.map(cell => `\n${stepPart(cell, base, source, waits(cell, waited, source))}`),
    '\n((kfs_count)) || { echo "There is no step $kfs_from here." >&2; exit 2; }\n',
    // No more is read from a file that somebody may have changed meanwhile.
    `[[ -n $kfs_list ]] || printf '\\n%s\\n' ${shellQuote(`${titleOf(source.chapter)}: done on ${host}.`)}\nexit 0\n`,
  ].join('');
}

const titleOf = ({ number, title }: Chapter): string => (number ? `${number} ${title}` : title);

const header = (host: string, chapter: Chapter): string => `#!/usr/bin/env bash
# ${titleOf(chapter).replaceAll('\n', ' ')}, on ${host}. Made from the book by \`kfs export\`; the values are those of the plan then.
# Run it with \`bash\` as the user who may sudo; \`--help\` tells more. Each step stands here as it stands in the book.

`;

/** What other hosts do before this step, and no earlier step of this script has waited for. */
function waits(cell: Cell, waited: Set<string>, source: Source): string[] {
  return cellNeeds(source.steps, cell.step, cell.subject, source.subjectsOf).flatMap(({ ways }) => {
    const all = ways.map(way => way.subjects.map(subject => ({ step: way.step, subject })));
    const foreign = all.every(cells => cells.some(one => hostOf(one) !== hostOf(cell)));
    const words = all.map(cells => cells.map(one => whereWords(one, source)).join(' and ')).join(', or ');
    if (!foreign || waited.has(words)) return [];
    waited.add(words);
    return [words];
  });
}

function whereWords(cell: Cell, source: Source): string {
  const host = hostOf(cell);
  const chapter = cell.step.chapter === source.chapter.slug ? '' : ` (chapter ${cell.step.chapter})`;
  const subject = host === cell.subject ? '' : ` for ${cell.subject}`;
  return `${cell.step.id}${subject} on ${host}${chapter}`;
}

function stepPart(
  cell: Cell,
  base: Record<string, string>,
  source: Source,
  waitsFor: readonly string[],
): string {
  const { step, subject } = cell;
  const title = subject === hostOf(cell) ? step.heading.text : `${step.heading.text} (for ${subject})`;
  const opening = ['kfs_step', step.id, step.kind, step.digest.slice(0, 16), shellQuote(title || step.id)];
  const values = Object.entries(source.environment(step, subject)).filter(
    ([name, value]) => base[name] !== value,
  );
  const settings = [
    ...(subject === hostOf(cell) ? [] : [`kfs_subject=${shellQuote(subject)}`]),
    ...(values.length
      ? [`kfs_env=(${values.map(([name, value]) => shellQuote(`${name}=${value}`)).join(' ')})`]
      : []),
    ...(waitsFor.length ? [`kfs_waits=(${waitsFor.map(shellQuote).join(' ')})`] : []),
    `kfs_timeout=${Math.ceil(step.timeoutMs / 1000)} kfs_settle=${Math.ceil(step.settleMs / 1000)}`,
    ...(step.reboots ? ['kfs_reboots=1'] : []),
    ...(step.destroys === undefined ? [] : [`kfs_destroys=${shellQuote(step.destroys)}`]),
    ...(step.handsMs === undefined ? [] : ['kfs_hands=1']),
    ...(step.either === undefined ? [] : [`kfs_either=${shellQuote(step.either)}`]),
  ];
  const check = step.check ? `kfs_proof ${hereDocument(step.check.text)}` : '';
  return `if ${opening.join(' ')}; then
${settings.join('\n')}
kfs_script ${hereDocument(step.text)}${check}kfs_run
fi
`;
}

/** The text as it is; the closing word is one that no line of it is. */
export function hereDocument(text: string): string {
  const lines = new Set(text.split('\n'));
  let word = 'KFS_TEXT';
  for (let n = 1; lines.has(word); n++) word = `KFS_TEXT_${n}`;
  return `<<'${word}'\n${text}${word}\n`;
}
