/** Every mistake, in the order of the book: the suite runs the lab from chapter to chapter. */
import { BASE_SERVICES } from './base-services.ts';
import { CEPH } from './ceph.ts';
import { CONTROL_PLANE } from './control-plane.ts';
import { ETCD } from './etcd.ts';
import { MACHINE } from './machine.ts';
import type { Mistake } from './mistake.ts';
import { NODE } from './node.ts';
import { PLAN } from './plan.ts';
import { STORAGE } from './storage.ts';

export const MISTAKES: Mistake[] = [
  ...PLAN,
  ...MACHINE,
  ...ETCD,
  ...BASE_SERVICES,
  ...CEPH,
  ...CONTROL_PLANE,
  ...NODE,
  ...STORAGE,
];
