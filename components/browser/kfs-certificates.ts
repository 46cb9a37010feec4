/** Every certificate that `kfs pki` made, as the files say it themselves. */
import type { CertificateSummary } from '../../runner/protocol/messages.ts';
import { h } from './dom.ts';
import { ask } from './runner.ts';
import { store } from './store.ts';

export class KfsCertificates extends HTMLElement {
  #undo: (() => void)[] = [];

  connectedCallback(): void {
    if (this.#undo.length > 0) return;
    this.#undo = [
      store.on('book', () => void this.#load()),
      // A step may have made or renewed some.
      store.on('event', ({ event }) => event.type === 'run.finished' && void this.#load()),
    ];
    if (store.book) void this.#load();
  }

  disconnectedCallback(): void {
    for (const undo of this.#undo.splice(0)) undo();
  }

  async #load(): Promise<void> {
    const answer = await ask({ type: 'certificates' });
    if (!answer) return;
    const { certificates, folder } = answer;
    const none = h(
      'p',
      {},
      'There are none yet. The chapter ',
      h('a', { href: '/one-machine/roots-of-trust/' }, 'Security roots of trust'),
      ' makes them, in ',
      h('code', {}, folder),
      '.',
    );
    if (certificates.length === 0) return this.replaceChildren(none);
    const due = certificates.filter(each => each.due);
    this.replaceChildren(
      h(
        'p',
        { class: 'kfs-count' },
        `${certificates.length} certificates in `,
        h('code', {}, folder),
        due.length > 0 ? `; ${due.length} to renew` : '',
      ),
      this.#table(
        'Authorities',
        certificates.filter(({ isCa }) => isCa),
      ),
      this.#table(
        'What they signed',
        certificates.filter(({ isCa }) => !isCa),
      ),
    );
  }

  #table(caption: string, certificates: CertificateSummary[]): HTMLElement {
    const head = ['File', 'Days left', 'Subject', 'Names', 'For', 'Signed by'];
    const table = h(
      'table',
      { class: 'kfs-table' },
      h('caption', {}, caption),
      h('thead', {}, h('tr', {}, ...head.map(name => h('th', { scope: 'col' }, name)))),
      h('tbody', {}, ...certificates.map(row)),
    );
    return h('div', { class: 'kfs-table-holder', tabindex: 0, role: 'region', 'aria-label': caption }, table);
  }
}

function row(each: CertificateSummary): HTMLElement {
  if (each.problem) {
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, h('code', {}, each.file)),
      h('td', { colspan: 5, class: 'kfs-bad' }, `cannot be read: ${each.problem}`),
    );
  }
  const until = new Date(each.notAfter).toLocaleDateString(undefined, { dateStyle: 'medium' });
  const left =
    each.daysLeft < 0
      ? `ended ${-each.daysLeft} days ago`
      : each.due
        ? `${each.daysLeft}, renew`
        : String(each.daysLeft);
  return h(
    'tr',
    { 'data-due': each.due || undefined },
    h('th', { scope: 'row', title: `serial ${each.serial}` }, h('code', {}, each.file)),
    h('td', { title: `until ${until}`, class: each.due ? 'kfs-bad' : '' }, left),
    h('td', {}, common(each.subject)),
    h('td', {}, h('span', { class: 'kfs-names' }, ...each.names.map(name => h('code', {}, name)))),
    h('td', {}, each.isCa ? 'signing' : each.usages.join(', ')),
    h('td', {}, each.issuer === each.subject ? 'itself' : common(each.issuer)),
  );
}

/** The common name; the whole subject where there is none. */
const common = (name: string): string => /(?:^|, )CN=([^,]+)/.exec(name)?.[1] ?? name;
