/**
 * Reads every certificate back, with Node's own X.509 parser and not with the library that wrote them:
 * for `kfs pki show` and for the book's page of certificates. Holds no secret, may be sent to the page.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from './files.ts';
import { isDue } from './lifetime.ts';
import type { CertificateSummary } from './summary.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const USAGES: Record<string, string> = { '1.3.6.1.5.5.7.3.1': 'server', '1.3.6.1.5.5.7.3.2': 'client' };

/** All certificates below the folder, CAs first; the copies of a CA in the machines' folders are left out. */
export function inventory(pkiDir: string, now = new Date()): CertificateSummary[] {
  return filesBelow(pkiDir)
    .filter(file => file.endsWith('.crt'))
    .map(file => summary(pkiDir, file, now))
    .filter(({ isCa, file }) => !(isCa && file.startsWith('machines/')))
    .sort((a, b) => rank(a) - rank(b) || a.file.localeCompare(b.file));
}

/** The root, then the other authorities, then what they signed. */
const rank = ({ file, isCa }: CertificateSummary): number => (file.startsWith('root/') ? 0 : isCa ? 1 : 2);

function summary(pkiDir: string, file: string, now: Date): CertificateSummary {
  try {
    const certificate = new X509Certificate(readFileSync(join(pkiDir, file)));
    const { validFromDate, validToDate } = certificate;
    return {
      file,
      subject: oneLine(certificate.subject),
      issuer: oneLine(certificate.issuer),
      names: names(certificate.subjectAltName),
      usages: (certificate.keyUsage ?? []).map(oid => USAGES[oid] ?? oid),
      notBefore: validFromDate.toISOString(),
      notAfter: validToDate.toISOString(),
      daysLeft: Math.floor((validToDate.getTime() - now.getTime()) / DAY_MS),
      due: isDue(validFromDate, validToDate, now),
      serial: certificate.serialNumber,
      isCa: certificate.ca,
    };
  } catch (error) {
    const empty = {
      subject: '',
      issuer: '',
      names: [],
      usages: [],
      notBefore: '',
      notAfter: '',
      daysLeft: 0,
      serial: '',
    };
    return { file, ...empty, due: true, isCa: false, problem: (error as Error).message };
  }
}

const oneLine = (name: string): string => name.split('\n').reverse().join(', ');

/** `DNS:a, IP Address:1.2.3.4` → `['a', '1.2.3.4']`. */
const names = (text = ''): string[] =>
  text
    .split(', ')
    .filter(Boolean)
    .map(name => name.slice(name.indexOf(':') + 1));
