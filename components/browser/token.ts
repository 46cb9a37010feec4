/**
 * The token that the runner printed. It comes in the address's fragment, which the browser sends nowhere, is
 * kept for this origin so that a reload and a second tab have it too, and is taken out of the address at once.
 */
const KEY = 'kfs.token';
const IN_FRAGMENT = /^#token=([0-9a-f]{16,128})$/;

export function takeToken(): string | null {
  const fresh = IN_FRAGMENT.exec(location.hash)?.[1];
  try {
    if (fresh) {
      localStorage.setItem(KEY, fresh);
      history.replaceState(history.state, '', location.pathname + location.search);
    }
    return fresh ?? localStorage.getItem(KEY);
  } catch {
    return fresh ?? null;
  }
}

/** The runner knows it no longer. */
export function dropToken(stale: string): void {
  try {
    // Another tab may have got a newer one meanwhile.
    if (localStorage.getItem(KEY) === stale) localStorage.removeItem(KEY);
  } catch {}
}
