/**
 * One certificate, from its entry in the catalogue to PEM: what is written into it, and by whom it is
 * signed. The library writes X.509; keys, random numbers and signatures are Node's own.
 */
import { createPublicKey, randomBytes, sign, X509Certificate } from 'node:crypto';
import forge from 'node-forge';
import { nameConstraints } from './constraints.ts';
import type { Certificate } from './entry.ts';

/** Its type description lacks one function. */
const pki = forge.pki as typeof forge.pki & { getTBSCertificate(certificate: X509): forge.asn1.Asn1 };
type X509 = forge.pki.Certificate;

export interface Signer {
  /** PEM of the authority's certificate; undefined when the certificate signs itself. */
  certificate?: string;
  /** PEM of the authority's key. */
  key: string;
}

/** Serial and dates, which are nowhere in the plan. */
export interface Stamp {
  serial: string;
  notBefore: Date;
  notAfter: Date;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;

//#region stamp
/** Never valid for longer than the authority that signs it. */
export function newStamp(entry: Certificate, now: Date, signer?: string): Stamp {
  const end = new Date(now.getTime() + entry.days * DAY_MS);
  const limit = signer ? pki.certificateFromPem(signer).validity.notAfter : end;
  return {
    serial: newSerial(),
    notBefore: whole(new Date(now.getTime() - HOUR_MS)),
    notAfter: whole(end < limit ? end : limit),
  };
}

/** 126 random bits in 16 bytes: the first bit is 0, or the number would be negative; the second is 1. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** X.509 knows no fractions of a second. */
const whole = (date: Date): Date => new Date(Math.floor(date.getTime() / 1000) * 1000);
//#endregion

//#region issue
/** PEM of a new certificate for this key. */
export function issue(entry: Certificate, publicKey: string, signer: Signer, stamp: Stamp): string {
  const certificate = fill(entry, publicKey, signer.certificate, stamp);
  // Node signs: the library could, a hundred times slower.
  const key = { sign: () => sign('sha256', signedPart(certificate), signer.key).toString('binary') };
  certificate.sign(key as unknown as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
  return pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
}

function fill(entry: Certificate, publicKey: string, issuer: string | undefined, stamp: Stamp): X509 {
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = stamp.serial;
  certificate.validity = { notBefore: stamp.notBefore, notAfter: stamp.notAfter };
  certificate.setSubject(subject(entry));
  const authority = issuer ? pki.certificateFromPem(issuer) : certificate;
  certificate.setIssuer(authority.subject.attributes);
  certificate.setExtensions(extensions(entry, authority));
  return certificate;
}

function subject({ commonName, organization }: Certificate): forge.pki.CertificateField[] {
  const field = (shortName: string, value: string) =>
    ({ shortName, value, valueTagClass: forge.asn1.Type.UTF8 }) as unknown as forge.pki.CertificateField;
  return [...(organization ? [field('O', organization)] : []), field('CN', commonName)];
}
//#endregion

//#region extensions
function extensions({ authority, usages, names, addresses }: Certificate, signer: X509): object[] {
  const list: object[] = [
    { name: 'basicConstraints', critical: true, ...(authority && { cA: true, pathLenConstraint: authority.pathLength }) },
    { name: 'keyUsage', critical: true, ...(authority ? { keyCertSign: true, cRLSign: true } : { digitalSignature: true }) },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: signer.generateSubjectKeyIdentifier().getBytes() },
  ]; // biome-ignore format: one extension a line
  if (usages.length > 0) {
    const purpose = { serverAuth: usages.includes('server'), clientAuth: usages.includes('client') };
    list.push({ name: 'extKeyUsage', ...purpose });
  }
  const altNames = [
    ...names.map(value => ({ type: 2, value })), // dNSName
    ...addresses.map(ip => ({ type: 7, ip })), // iPAddress
  ];
  if (altNames.length > 0) list.push({ name: 'subjectAltName', altNames });
  if (authority?.only) list.push(nameConstraints(authority.only));
  return list;
}
//#endregion

//#region same
/**
 * Is this certificate what the entry would be issued as today, apart from serial and dates? Compares what
 * is signed byte for byte, and the signature with the authority's key.
 */
export function isAsPlanned(pem: string, entry: Certificate, publicKey: string, issuer?: string): boolean {
  try {
    const found = pki.certificateFromPem(pem);
    const stamp = { serial: found.serialNumber, ...found.validity };
    const planned = fill(entry, publicKey, issuer, stamp);
    Object.assign(planned, { signatureOid: found.signatureOid, siginfo: found.siginfo });
    const authority = issuer ? certifiedKey(issuer) : publicKey;
    const signed = new X509Certificate(pem).verify(createPublicKey(authority));
    return signed && signedPart(found).equals(signedPart(planned));
  } catch {
    return false;
  }
}

/** Everything but the signature. */
const signedPart = (certificate: X509): Buffer =>
  Buffer.from(forge.asn1.toDer(pki.getTBSCertificate(certificate)).getBytes(), 'binary');
//#endregion

/** Dates of a certificate that `isAsPlanned` has seen. */
export const validity = (pem: string): { notBefore: Date; notAfter: Date } =>
  pki.certificateFromPem(pem).validity;

/** PEM of the public half. */
export const publicHalf = (privateKey: string): string =>
  createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }) as string;

/** PEM of the public key that a certificate speaks of. */
export const certifiedKey = (pem: string): string =>
  new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'pem' }) as string;
