/** The $50 router, as texts: the bridge with its addresses, leases and names, and the way out. Pure functions. */
import type { LabMachine, LabNetwork } from '../spec.ts';

const BRIDGE = 'br0';

/** Interface names have at most 15 characters, machine names more: so by number. */
export const tapName = (index: number): string => `tap${index}`;

/** Input of `ip -batch -`, run in the new network namespace. */
export function bridgeBatch(network: LabNetwork, machines: LabMachine[]): string {
  const length = network.subnet.split('/')[1];
  const taps = machines.flatMap((_, index) => [
    `tuntap add ${tapName(index)} mode tap`,
    `link set ${tapName(index)} master ${BRIDGE} up`,
  ]);
  return [
    'link set lo up',
    `link add ${BRIDGE} type bridge stp_state 0 forward_delay 0`,
    `addr add ${network.router}/${length} dev ${BRIDGE}`,
    `addr add ${network.workstation}/${length} dev ${BRIDGE}`,
    `link set ${BRIDGE} up`,
    ...taps,
    '',
  ].join('\n');
}

/**
 * Input of `nft -f -`. The second chain is for pasta: it emits segments without flags that connection tracking
 * calls invalid; unless they are dropped the namespace answers them with a reset.
 */
export function natRules(network: LabNetwork): string {
  return `table ip kfs_lab {
  chain out {
    type nat hook postrouting priority srcnat
    ip saddr ${network.subnet} ip daddr != ${network.subnet} masquerade
  }
  chain in {
    type filter hook input priority filter
    ct state invalid drop
  }
}
`;
}

/**
 * dnsmasq.conf: static leases by MAC only, names of the machines, the router as gateway and name server. `leases` is
 * the file in which it keeps which of them are given.
 */
export function dnsmasqConfig(
  network: LabNetwork,
  machines: LabMachine[],
  upstream: string | undefined,
  leases: string,
): string {
  const [base] = network.subnet.split('/');
  return [
    `interface=${BRIDGE}`,
    'except-interface=lo',
    'bind-interfaces',
    `listen-address=${network.router}`,
    'no-resolv',
    'no-hosts',
    ...(upstream ? [`server=${upstream}`] : []),
    `domain=${network.domain}`,
    `local=/${network.domain}/`,
    'expand-hosts',
    `dhcp-range=${base},static,${netmask(network.subnet)},12h`,
    'dhcp-authoritative',
    `dhcp-leasefile=${leases}`,
    ...machines.map(({ name, mac, address }) => `dhcp-host=${mac},${name},${address}`),
    ...machines.map(({ name, address }) => `host-record=${name}.${network.domain},${name},${address}`),
    `host-record=router.${network.domain},router,${network.router}`,
    `host-record=workstation.${network.domain},workstation,${network.workstation}`,
    ...Object.entries(network.hosts).map(([name, address]) => `host-record=${name},${address}`),
    `dhcp-option=option:router,${network.router}`,
    `dhcp-option=option:dns-server,${network.router}`,
    `dhcp-option=option:ntp-server,${network.router}`,
    'log-dhcp',
    '',
  ].join('\n');
}

/** `10.77.0.0/24` to `255.255.255.0`. */
export function netmask(subnet: string): string {
  const bits = 32 - Number(subnet.split('/')[1]);
  const mask = bits === 32 ? 0 : (0xffffffff << bits) >>> 0;
  return [24, 16, 8, 0].map(shift => (mask >>> shift) & 255).join('.');
}
