/**
 * "Ports": what the firewall lets in, read from the rules that steps write, and what listens on loopback only, read
 * from the pictures "What we have now".
 */
import type { Manifest } from '../../runner/book/manifest.ts';
import { placeOf, type StepPlace } from './written-files.ts';

export interface PortRow {
  /** `2379, 2380`, as the rule has it. */
  ports: string;
  /** `tcp`, `udp`; `any` where the rule names none, `-` where it is no rule about ports. */
  protocol: string;
  /** The comment of the rule: whose port it is. */
  name: string;
  /** Who may come: `$KFS_SUBNET`; `anyone` when the rule does not say. */
  from: string;
  step: StepPlace;
}

/** A line of a file below /etc/nftables.d that adds to the chain of what is opened. */
const RULE = /^add rule inet filter opened (.*)$/gm;

/** In the order of the book. */
export function openedPorts({ steps, chapters }: Pick<Manifest, 'steps' | 'chapters'>): PortRow[] {
  return steps.flatMap(step =>
    step.files
      .filter(({ path }) => path.startsWith('/etc/nftables.d/'))
      .flatMap(({ body }) => [...body.matchAll(RULE)].map(([, rule = '']) => rule))
      .map(rule => ({ ...readRule(rule), step: placeOf(step, chapters) })),
  );
}

/** Pure: one rule's words. */
export function readRule(rule: string): Omit<PortRow, 'step'> {
  const [, protocol, several, one] = /\b(tcp|udp|th) dport (?:\{ ?([^}]+?) ?\}|(\S+))/.exec(rule) ?? [];
  const [, from] = /\bsaddr (\{[^}]+\}|\S+)/.exec(rule) ?? [];
  const [, name] = /\bcomment \\?"([^"\\]+)/.exec(rule) ?? [];
  return {
    ports: several ?? one ?? '–',
    protocol:
      protocol === 'th' ? 'any' : (protocol ?? /ip protocol (\w+)|meta l4proto (\w+)/.exec(rule)?.[0] ?? '–'),
    name: name ?? '',
    from: from ?? 'anyone',
  };
}
