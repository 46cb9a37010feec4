/** Debian packages that a lab needs on this host, and why. */
import { ensurePackages, type HostPackage, missingPackages } from '../runner/host-packages.ts';
import type { Report } from '../software/builder/cache.ts';

/** What a lab uses besides util-linux, bash and OpenSSH. */
export function hostPackages(): HostPackage[] {
  return [
    { package: 'iproute2', why: 'sets up the network of the lab', probe: 'ip' },
    { package: 'dnsmasq-base', why: 'the router of the lab: leases and names', probe: 'dnsmasq' },
    {
      package: 'nftables',
      why: 'translates the addresses of machines on their way out',
      probe: 'nft',
      optional: true,
    },
    {
      package: 'slirp4netns',
      why: 'the way out of the lab for its machines',
      probe: 'slirp4netns',
      optional: true,
    },
    { package: 'netcat-openbsd', why: 'the way of ssh into the lab', probe: 'nc.openbsd' },
    { package: 'openssh-client', why: 'reaches the machines', probe: 'ssh' },
    { package: 'mtools', why: 'reads the boot loader entries of a machine without firmware', probe: 'mtype' },
  ];
}

/** Installs them. Without the optional ones the lab works, only its machines do not reach the outside. */
export async function ensurePrograms(report: Report): Promise<void> {
  const say = (text: string) => report({ phase: 'packages', done: 0, total: 1, text });
  await ensurePackages(hostPackages(), say).catch((error: Error) => {
    if (missingPackages(hostPackages()).some(item => !item.optional)) throw error;
    say(`going on without: ${error.message}`);
  });
}
