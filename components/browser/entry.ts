/**
 * Loaded by every page. With a runner behind it, the page's steps come alive; without one nothing is added and
 * nothing is asked of anyone.
 */
import { h } from './dom.ts';
import { KfsChapter } from './kfs-chapter.ts';
import { KfsLink } from './kfs-link.ts';
import { KfsRing } from './kfs-ring.ts';
import { KfsStep } from './kfs-step.ts';
import { watchLab } from './lab-notice.ts';
import { connect } from './runner.ts';
import { watchSite } from './site-notice.ts';
import { store } from './store.ts';
import { dropToken, takeToken } from './token.ts';

/** Elements of single pages, fetched where they stand. */
const PAGES: Record<string, () => Promise<Record<string, CustomElementConstructor>>> = {
  'kfs-matrix': () => import('./kfs-matrix.ts').then(({ KfsMatrix }) => ({ 'kfs-matrix': KfsMatrix })),
  'kfs-replay': () => import('./kfs-replay.ts').then(({ KfsReplay }) => ({ 'kfs-replay': KfsReplay })),
  'kfs-plan': () => import('./kfs-plan.ts').then(({ KfsPlan }) => ({ 'kfs-plan': KfsPlan })),
  'kfs-certificates': () =>
    import('./kfs-certificates.ts').then(({ KfsCertificates }) => ({ 'kfs-certificates': KfsCertificates })),
};

function start(): void {
  const token = takeToken();
  const root = document.documentElement;
  if (!token) {
    delete root.dataset.runner;
    return;
  }
  root.dataset.runner = 'on';
  store.on('link', state => {
    // Some other program has this address now: the page is a book again.
    if (state !== 'no-runner') return;
    dropToken(token);
    delete root.dataset.runner;
  });
  connect(token);
  addFurniture();
  watchSite();
  watchLab();
  define({ 'kfs-ring': KfsRing, 'kfs-chapter': KfsChapter, 'kfs-link': KfsLink, 'kfs-step': KfsStep });
  for (const [tag, load] of Object.entries(PAGES)) {
    if (document.querySelector(tag)) void load().then(define);
  }
  addEventListener('kfs-dock', () => void openDock());
  addEventListener('keydown', event => {
    if (event.key !== '`' || !event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    void openDock();
  });
  if (sessionStorage.getItem('kfs.dock') === 'open') void openDock(false);
}

function define(elements: Record<string, CustomElementConstructor>): void {
  for (const [tag, element] of Object.entries(elements))
    if (!customElements.get(tag)) customElements.define(tag, element);
}

async function openDock(take = true): Promise<void> {
  const { KfsDock } = await import('./kfs-dock.ts');
  define({ 'kfs-dock': KfsDock });
  let dock = document.querySelector('kfs-dock') as InstanceType<typeof KfsDock> | null;
  if (!dock) {
    dock = h('kfs-dock' as 'div') as unknown as InstanceType<typeof KfsDock>;
    document.body.append(dock);
    dock.open(take);
  } else dock.toggle();
}

/** Rings in the contents, the bar over a chapter with steps, the state of the connection in the header. */
function addFurniture(): void {
  for (const link of document.querySelectorAll<HTMLElement>('a[data-chapter]')) {
    link.append(h('kfs-ring' as 'span', { 'data-chapter': link.dataset.chapter }));
  }
  const first = document.querySelector<HTMLElement>('kfs-step');
  const content = first?.closest('.sl-markdown-content');
  const slug = document.querySelector<HTMLElement>('a[data-chapter][aria-current="page"]')?.dataset.chapter;
  if (content && slug) content.prepend(h('kfs-chapter' as 'div', { 'data-chapter': slug }));
  document.querySelector('header .right-group')?.prepend(h('kfs-link' as 'span'));
  for (const contents of document.querySelectorAll('.book-contents')) contents.prepend(runnerLinks());
}

/** The pages about this cluster; on a narrow screen the state of the connection too, which the header has no room for. */
function runnerLinks(): HTMLElement {
  const links: [string, string][] = [
    ['/progress/', 'Progress'],
    ['/plan/', 'Plan'],
    ['/certificates/', 'Certificates'],
  ];
  return h(
    'nav',
    { class: 'kfs-pages', 'aria-label': 'Your cluster' },
    ...links.map(([href, name]) =>
      h('a', { href, 'aria-current': location.pathname === href ? 'page' : undefined }, name),
    ),
    h('kfs-link' as 'span', { class: 'kfs-narrow-only' }),
  );
}

start();
