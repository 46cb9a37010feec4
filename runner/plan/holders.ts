/** What a plan names on the network: its ranges, and who holds which address. */
import { parseAddress, parseRange, type Range } from './addresses.ts';
import type { PlanPath } from './issue.ts';
import type { Draft } from './sense.ts';

export interface NamedRange {
  path: PlanPath;
  words: string;
  range: Range;
}

export function rangesOf(draft: Draft): NamedRange[] {
  const all: [PlanPath, string, unknown][] = [
    [['network', 'subnet'], 'the subnet', draft.network?.subnet],
    [['pods'], 'the pod range', draft.pods],
    [['services'], 'the Service range', draft.services],
  ];
  return all.flatMap(([path, words, text]) => {
    const range = parseRange(text);
    return range ? [{ path, words, range }] : [];
  });
}

export interface NamedAddress {
  path: PlanPath;
  words: string;
  text: string;
  address: number;
  machine: boolean;
}

/** Addresses that somebody in the subnet holds; the API's last, since it may be a machine's. */
export function holders(draft: Draft): NamedAddress[] {
  const named = (
    path: PlanPath,
    words: string,
    text: string | undefined,
    machine = false,
  ): NamedAddress[] => {
    const address = parseAddress(text);
    return text === undefined || address === undefined ? [] : [{ path, words, text, address, machine }];
  };
  return [
    ...named(['network', 'router'], 'the router', draft.network?.router),
    ...named(['network', 'workstation'], 'the workstation', draft.network?.workstation),
    ...(draft.machines ?? []).flatMap((machine, index) =>
      named(['machines', index, 'address'], machine?.name ?? `machine ${index + 1}`, machine?.address, true),
    ),
    ...named(['api', 'address'], 'the API', draft.api?.address),
  ];
}
