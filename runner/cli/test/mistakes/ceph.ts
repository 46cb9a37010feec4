/** Mistakes with Ceph. */
import type { Mistake } from './mistake.ts';

const chapter = 'one-machine/ceph';

export const CEPH: Mistake[] = [
  {
    title: 'a data disk is in use',
    chapter,
    after: 'one-machine/base-services',
    make: { machine: 'mkfs.ext4 -q -F /dev/ubdb; mount /dev/ubdb /mnt' },
    try: ['run', 'ceph-disks'],
    row: 'test -z "$(lsblk …',
    cure: { machine: 'umount /mnt' },
  },
  {
    title: 'the configuration has the address of another machine',
    chapter,
    make: { machine: 'sed --in-place "s/^mon_host.*/mon_host = [v2:10.77.0.12:3300]/" /etc/ceph/ceph.conf' },
    try: ['check', 'ceph-monitor'],
    row: 'timed out',
    cure: 'row',
  },
  {
    title: "a user's key is from another store",
    chapter,
    make: {
      machine:
        'ceph-authtool --create-keyring /etc/ceph/ceph.client.shared.keyring --gen-key --name client.shared',
    },
    try: ['check', 'ceph-shared-key'],
    row: 'RADOS permission denied',
    cure: 'row',
  },
];
