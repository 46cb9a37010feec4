/** The certificates page's answer: read anew each time it is asked. */
import { inventory } from '../pki/inventory.ts';
import type { Replies } from '../protocol/messages.ts';

export type Certificates = () => Replies['certificates'];

export function certificatesOf(folder: string): Certificates {
  return () => ({ folder, certificates: inventory(folder) });
}
