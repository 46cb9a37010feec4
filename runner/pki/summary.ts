/** What is told of a certificate. Holds no secret. Pure types, no Node, so that the browser's protocol can name them. */

export interface CertificateSummary {
  /** Relative to the PKI folder: `machines/n1/etcd/server.crt`. */
  file: string;
  /** As one line: `CN=etcd CA, O=kfs`. */
  subject: string;
  issuer: string;
  /** Names and addresses that it is good for; empty for a client and for a CA. */
  names: string[];
  /** `server`, `client`, or an OID that this book does not use; empty means any. */
  usages: string[];
  /** ISO 8601, UTC. */
  notBefore: string;
  notAfter: string;
  /** Whole days until it ends, negative when it has ended. */
  daysLeft: number;
  /** Less than a third of its life is left: `kfs pki renew` would issue it again. */
  due: boolean;
  /** Upper-case hexadecimal. */
  serial: string;
  isCa: boolean;
  /** Why the file could not be read; the other fields are then empty. */
  problem?: string;
}
