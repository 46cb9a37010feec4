/** The last question before something is destroyed: the machine's name, typed. */
import { freshId, h } from './dom.ts';

export interface Threat {
  step: string;
  subject: string;
  /** In the book's words: `everything on the system disk`. */
  destroys: string;
}

/** The names as typed, or undefined when the reader thought better of it. */
export function askNames(threats: Threat[]): Promise<string[] | undefined> {
  const names = [...new Set(threats.map(({ subject }) => subject))];
  const title = freshId('destroys');
  const inputs = names.map(name => ({ name, input: nameInput() }));
  const go = h('button', { type: 'submit', class: 'kfs-button danger', disabled: true }, 'Destroy and run');
  const matches = () => inputs.every(({ name, input }) => input.value === name);
  const form = h(
    'form',
    { method: 'dialog' },
    h('h2', { id: title }, 'This cannot be undone'),
    h('ul', {}, ...threats.map(describe)),
    ...inputs.map(({ name, input }) =>
      h('label', {}, h('span', {}, 'Type ', h('strong', {}, name), ' to go on'), input),
    ),
    h(
      'p',
      { class: 'kfs-dialog-actions' },
      h('button', { type: 'button', class: 'kfs-button', onclick: () => dialog.close() }, 'Cancel'),
      go,
    ),
  );
  const dialog = h('dialog', { class: 'kfs-dialog', 'aria-labelledby': title }, form);
  form.addEventListener('input', () => {
    go.disabled = !matches();
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    if (matches()) dialog.close('go');
  });
  document.body.append(dialog);
  dialog.showModal();
  inputs[0]?.input.focus();
  return new Promise(done => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      done(dialog.returnValue === 'go' ? names : undefined);
    });
  });
}

const nameInput = () =>
  h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off' });

const describe = ({ step, subject, destroys }: Threat) =>
  h('li', {}, h('code', {}, step), ' destroys ', destroys, ' on ', h('strong', {}, subject), '.');
