/** The extension *name constraints*, which the library can read but not write: its bytes are put together here. */

import ipaddr from 'ipaddr.js';
import forge from 'node-forge';
import type { Authority } from './entry.ts';

//#region constraints
const { Class, Type, create } = forge.asn1;

/**
 * RFC 5280, 4.2.1.10, as far as it is used here. Below a name are the name itself and all that ends in `.name`; a
 * range of addresses is an address and a mask.
 *
 *     NameConstraints ::= SEQUENCE { permittedSubtrees [0] SEQUENCE OF GeneralSubtree, … }
 *     GeneralSubtree  ::= SEQUENCE { base GeneralName, … }
 *     GeneralName     ::= CHOICE   { dNSName [2] IA5String, iPAddress [7] OCTET STRING, … }
 */
export function nameConstraints({ names, ranges }: NonNullable<Authority['only']>): object {
  const subtrees = [
    ...names.map(name => tagged(2, false, name)),
    ...ranges.map(range => tagged(7, false, addressAndMask(range))),
  ].map(base => sequence([base]));
  return { id: '2.5.29.30', critical: true, value: sequence([tagged(0, true, subtrees)]) };
}

const sequence = (parts: forge.asn1.Asn1[]) => create(Class.UNIVERSAL, Type.SEQUENCE, true, parts);

const tagged = (tag: number, composed: boolean, content: string | forge.asn1.Asn1[]) =>
  create(Class.CONTEXT_SPECIFIC, tag as forge.asn1.Type, composed, content);

function addressAndMask(range: string): string {
  const [address, bits] = ipaddr.parseCIDR(range);
  const mask = ipaddr.IPv4.subnetMaskFromPrefixLength(bits);
  return String.fromCharCode(...address.toByteArray(), ...mask.toByteArray());
}
//#endregion
