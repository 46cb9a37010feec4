/**
 * Who may be installed over the network, kept as files: `armed/<mac>.json` while a machine may ask for its config,
 * `handed/<mac>.json` once it has. To hand a config out is to rename the one to the other, which only one of two
 * requests can do, whoever asks and however many servers there are.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface InstallMachine {
  name: string;
  mac: string;
  address: string;
  /** System disk as the machine sees it. */
  disk: string;
}

export interface Arming extends InstallMachine {
  /** ISO 8601: afterwards the machine is not armed any more. */
  until: string;
}

export type Claim = { arming: Arming } | { status: 403 | 409; machine?: string; reason: string };

export class Armings {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Good for one request until then. */
  async arm(machine: InstallMachine, until: Date): Promise<Arming> {
    const mac = machine.mac.toLowerCase();
    const arming = { ...machine, mac, until: until.toISOString() };
    for (const kind of ['armed', 'handed'] as const)
      await mkdir(join(this.#folder, kind), { recursive: true, mode: 0o700 });
    const draft = `${this.#file('armed', mac)}.new`;
    await writeFile(draft, JSON.stringify(arming), { mode: 0o600 });
    await rm(this.#file('handed', mac), { force: true });
    await rename(draft, this.#file('armed', mac));
    return arming;
  }

  disarm({ mac }: InstallMachine): Promise<void> {
    return rm(this.#file('armed', mac), { force: true });
  }

  /** What stands about a machine; of an arming that has ended nothing does. */
  async of({ mac }: InstallMachine): Promise<{ armed?: Arming; handed?: Arming }> {
    const [armed, handed] = await Promise.all([this.#read('armed', mac), this.#read('handed', mac)]);
    return { ...(armed && !hasEnded(armed) && { armed }), ...(handed && { handed }) };
  }

  /** Whether a machine with these cards, asking from this address, may have its config. Changes nothing yet. */
  async claim(macs: string[], from: string): Promise<Claim> {
    for (const mac of macs) {
      const armed = await this.#read('armed', mac);
      if (armed) return judge(armed, from);
      const handed = await this.#read('handed', mac);
      if (handed) {
        const reason = `${handed.name} was given its config already; arm it anew: kfs install arm ${handed.name}`;
        return { status: 409, machine: handed.name, reason };
      }
    }
    const cards = macs.length > 0 ? `the card ${macs.join(' or ')}` : 'no card at all';
    return { status: 403, reason: `no machine with ${cards} is armed` };
  }

  //#region take
  /** False when another request was faster. */
  async take({ mac }: Arming): Promise<boolean> {
    try {
      await rename(this.#file('armed', mac), this.#file('handed', mac));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }
  //#endregion

  /** After a `take` of which nothing came; unless the machine was armed anew meanwhile. */
  async giveBack({ mac }: Arming): Promise<void> {
    await rename(this.#file('handed', mac), this.#file('armed', mac)).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      },
    );
  }

  #file(kind: 'armed' | 'handed', mac: string): string {
    return join(this.#folder, kind, `${mac.toLowerCase().replaceAll(':', '-')}.json`);
  }

  async #read(kind: 'armed' | 'handed', mac: string): Promise<Arming | undefined> {
    const text = await readFile(this.#file(kind, mac), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as Arming);
  }
}

const hasEnded = ({ until }: Arming): boolean => Date.parse(until) < Date.now();

/** The router gives each machine its own address: who asks from another is not it, or could not be reached later. */
function judge(arming: Arming, from: string): Claim {
  const { name, address, until } = arming;
  const refused = (reason: string): Claim => ({ status: 403, machine: name, reason });
  if (hasEnded(arming))
    return refused(`${name} was armed until ${until}; arm it anew: kfs install arm ${name}`);
  if (from !== address)
    return refused(`${name} must ask from ${address}, not ${from}: mend the static lease`);
  return { arming };
}
