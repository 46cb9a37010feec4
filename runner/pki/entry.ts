/** What the catalogue consists of. */

/** In the order in which they are made. */
export const PARTS = [
  'root',
  'authorities',
  'etcd',
  'control',
  'node',
  'services',
  'people',
  'secrets',
  'ssh',
  'machines',
] as const;
export type Part = (typeof PARTS)[number];

export type Entry = Certificate | Copy | Secret;

interface Item {
  part: Part;
  /** Only for this machine. */
  machine?: string;
  /** Path below the PKI folder; a certificate has two files, `.crt` and `.key`. */
  file: string;
}

export interface Certificate extends Item {
  kind: 'certificate';
  /** The authority that signs, by its file; one that names itself signs itself. */
  issuer: string;
  /** Use the key of that entry instead of one of its own. */
  keyOf?: string;
  commonName: string;
  /** For Kubernetes, a group. */
  organization: string;
  names: string[];
  addresses: string[];
  usages: Usage[];
  authority?: Authority;
  days: number;
  bits: number;
}

export type Usage = 'server' | 'client';

export interface Authority {
  /** How many authorities may stand below it. */
  pathLength: number;
  /** Nothing outside these is believed, whoever below it has signed. */
  only?: { names: string[]; ranges: string[] };
}

/** A copy of another file, in the folder of the machine that needs it. */
export interface Copy extends Item {
  kind: 'copy';
  from: string;
}

/** Something random, made once and never again. */
export interface Secret extends Item {
  kind: 'secret';
  secret: 'service-account' | 'encryption' | 'bootstrap-token';
}
