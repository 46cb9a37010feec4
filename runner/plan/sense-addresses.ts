/** Addresses: what lies outside, what is used twice, who cannot be asked. */
import { contains, formatRange, parseAddress, parseRange } from './addresses.ts';
import { holders, type NamedAddress, rangesOf } from './holders.ts';
import type { Draft, Finding, Rule } from './sense.ts';

const outsideSubnet: Rule = draft => {
  const subnet = parseRange(draft.network?.subnet);
  if (!subnet) return [];
  const others = rangesOf(draft).filter(({ path }) => path.length === 1);
  return holders(draft)
    .filter(({ address }) => !contains(subnet, address))
    .map(({ path, words, text, address }) => {
      const wrong = others.find(({ range }) => contains(range, address));
      const where = wrong ? `in ${wrong.words}` : 'outside the subnet';
      const next = `give it a free address of ${formatRange(subnet)}`;
      return { path, what: `${words} has ${text}, which is ${where}`, next };
    });
};

const notForHosts: Rule = draft => {
  const subnet = parseRange(draft.network?.subnet);
  if (!subnet || subnet.bits > 30) return [];
  return holders(draft).flatMap(({ path, words, text, address }) => {
    const use = address === subnet.first ? 'the address of the network itself' : 'its broadcast address';
    if (address !== subnet.first && address !== subnet.last) return [];
    return [
      {
        path,
        what: `${words} has ${text}, which is ${use}`,
        next: `choose one between the first and the last of ${formatRange(subnet)}`,
      },
    ];
  });
};

const addressTwice: Rule = draft => {
  const all = holders(draft);
  return all.flatMap((later, index) => {
    const earlier = all.slice(0, index).find(({ address }) => address === later.address);
    if (!earlier) return [];
    if (later.words === 'the API') return sharedApi(draft, later, earlier);
    if (!later.machine) return []; // a router that is the workstation: unusual, and works
    const what = `${later.words} has ${later.text}, and so has ${earlier.words}`;
    return [{ path: later.path, what, next: 'give each its own address, in the plan and in the router' }];
  });
};

/** The API may have the address of the only control machine, and of nothing else. */
function sharedApi(draft: Draft, api: NamedAddress, holder: NamedAddress): Finding[] {
  const next = 'choose a free address of the subnet that the router gives to nobody';
  if (!holder.machine)
    return [
      { path: api.path, what: `the API has ${api.text}, which is the address of ${holder.words}`, next },
    ];
  const control = (draft.machines ?? []).filter(machine => machine?.roles?.includes('control'));
  if (!control.some(machine => machine?.address === api.text)) {
    return [
      {
        path: api.path,
        what: `the API has the address of ${holder.words}, which does not hold the role control`,
        next,
      },
    ];
  }
  if (control.length < 2) return [];
  const what = `the API has the address of ${holder.words} alone, but ${control.length} machines hold the role control`;
  return [{ path: api.path, what, next: `${next}; the control machines share it` }];
}

const serversElsewhere: Rule = draft => {
  const asked = (['dns', 'time'] as const).flatMap(kind =>
    (draft.network?.[kind] ?? []).map((text, index) => ({ kind, text, path: ['network', kind, index] })),
  );
  const ranges = rangesOf(draft).filter(({ path }) => path.length === 1);
  return asked.flatMap(({ kind, text, path }) => {
    const address = parseAddress(text);
    if (address === undefined || text === draft.network?.router) return []; // the router's own is judged above
    const words = kind === 'dns' ? 'DNS server' : 'time server';
    const next = `name the ${words} of your router, or one outside the cluster`;
    const inside = ranges.find(({ range }) => contains(range, address));
    if (inside) return [{ path, what: `the ${words} ${text} is in ${inside.words}`, next }];
    const own = draft.machines?.find(machine => machine?.address === text);
    if (!own) return [];
    return [
      {
        path,
        what: `the ${words} ${text} is ${own.name ?? 'a machine'} of this plan, which needs one to come up`,
        next,
      },
    ];
  });
};

export const addressRules: Rule[] = [outsideSubnet, notForHosts, addressTwice, serversElsewhere];
