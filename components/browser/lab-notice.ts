/** The lab is made ready behind the book: how far it is, on every page, and what to do where it cannot be. */
import { duration } from '../../runner/duration.ts';
import type { LabPreparation } from '../../runner/protocol/messages.ts';
import { announce } from './announce.ts';
import { h } from './dom.ts';
import { ask } from './runner.ts';
import { store } from './store.ts';

/** What the reader has read and put away: it is not told again until there is something else to tell. */
const PUT_AWAY = 'kfs.lab';
/** How long it says that all is done, in milliseconds. */
const FAREWELL = 12_000;

export function watchLab(): void {
  let bar: HTMLElement | undefined;
  let shown: LabPreparation['state'] | undefined;
  let timer: number | undefined;
  const put = (lab: LabPreparation | null) => {
    clearTimeout(timer);
    if (!lab || (lab.state === 'failed' && isPutAway(lab))) {
      bar?.remove();
      bar = shown = undefined;
      return;
    }
    if (!bar?.isConnected) {
      bar = h('div', { class: 'kfs-lab-notice', role: 'region', 'aria-label': 'The lab' });
      document.body.append(bar);
    }
    bar.dataset.state = lab.state;
    bar.replaceChildren(...parts(lab, () => put(null)));
    // Begun, ready, failed: what is between would only interrupt.
    if (lab.state !== shown) announce(spoken(lab), false);
    shown = lab.state;
    if (lab.state === 'ready') timer = setTimeout(() => put(null), FAREWELL);
  };
  store.on('lab', put);
}

function parts(lab: LabPreparation, close: () => void): Node[] {
  if (lab.state === 'ready') return [h('p', {}, lab.text)];
  if (lab.state === 'failed') return failure(lab, close);
  const left = lab.leftMs === undefined ? '' : ` · about ${duration(lab.leftMs)} left`;
  return [
    h('p', {}, `Preparing a lab machine · ${lab.percent}\u00a0%${left}`),
    h('progress', { max: 100, value: lab.percent, 'aria-label': 'Preparation of the lab' }),
    h('p', { class: 'kfs-lab-detail' }, lab.text ? `${lab.what}: ${lab.text}` : lab.what),
  ];
}

function failure(lab: Failed, close: () => void): Node[] {
  const putItAway = () => {
    localStorage.setItem(PUT_AWAY, reasonOf(lab));
    close();
  };
  const what = lab.impossible ? 'This computer cannot run a lab' : 'The lab could not be prepared';
  return [
    h('p', {}, `${what}: ${lab.message}`),
    ...(lab.next ? [h('p', {}, `What helps: ${lab.next}`)] : []),
    ...(lab.impossible ? [h('p', {}, WITHOUT)] : []),
    h(
      'p',
      { class: 'kfs-lab-actions' },
      h(
        'button',
        { type: 'button', class: 'kfs-button primary', onclick: () => void ask({ type: 'lab.retry' }) },
        'Try again',
      ),
      h('button', { type: 'button', class: 'kfs-button quiet', onclick: putItAway }, 'Put away'),
    ),
  ];
}

const WITHOUT =
  'What works without one: reading; every step for the workstation; and with machines of your own, once the plan names them, everything.';

const spoken = (lab: LabPreparation): string =>
  lab.state === 'working'
    ? 'A lab machine is being prepared; the book can be read meanwhile.'
    : lab.state === 'ready'
      ? lab.text
      : `The lab could not be prepared: ${lab.message}`;

type Failed = Extract<LabPreparation, { state: 'failed' }>;
/** That a computer cannot is told once; what has failed is told again at the next start of the runner. */
const reasonOf = ({ impossible, message }: Failed): string =>
  impossible ? message : `${store.server} ${message}`;
const isPutAway = (lab: Failed): boolean => localStorage.getItem(PUT_AWAY) === reasonOf(lab);
