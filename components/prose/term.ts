/** Escape puts away the definition that a term shows, until the pointer or the focus comes back to it. */
addEventListener('keydown', event => {
  if (event.key !== 'Escape') return;
  for (const term of document.querySelectorAll<HTMLElement>('.term:is(:hover, :focus-within)')) dismiss(term);
});

function dismiss(term: HTMLElement): void {
  term.dataset.dismissed = '';
  const restore = () => delete term.dataset.dismissed;
  for (const type of ['pointerleave', 'focusout']) term.addEventListener(type, restore, { once: true });
}
