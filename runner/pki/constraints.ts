/**
 * The extension *name constraints* (RFC 5280, 4.2.1.10), which the library can read but not write: so its
 * bytes are put together here.
 *
 *     NameConstraints ::= SEQUENCE { permittedSubtrees [0] SEQUENCE OF GeneralSubtree OPTIONAL, … }
 *     GeneralSubtree  ::= SEQUENCE { base GeneralName, … }
 *     GeneralName     ::= CHOICE   { dNSName [2] IA5String, iPAddress [7] OCTET STRING, … }
 */

import ipaddr from 'ipaddr.js';
import forge from 'node-forge';
import type { Authority } from './entry.ts';

const { Class, Type, create } = forge.asn1;

const sequence = (parts: forge.asn1.Asn1[]) => create(Class.UNIVERSAL, Type.SEQUENCE, true, parts);

/** Below a name are the name itself and everything that ends in `.name`; a range is address and mask. */
export function nameConstraints({ names, ranges }: NonNullable<Authority['only']>): object {
  const bases = [
    ...names.map(name => create(Class.CONTEXT_SPECIFIC, 2 as forge.asn1.Type, false, name)),
    ...ranges.map(range =>
      create(Class.CONTEXT_SPECIFIC, 7 as forge.asn1.Type, false, addressAndMask(range)),
    ),
  ];
  const permitted = create(
    Class.CONTEXT_SPECIFIC,
    0 as forge.asn1.Type,
    true,
    bases.map(base => sequence([base])),
  );
  return { id: '2.5.29.30', critical: true, value: sequence([permitted]) };
}

function addressAndMask(range: string): string {
  const [address, bits] = ipaddr.parseCIDR(range);
  const { IPv4, IPv6 } = ipaddr;
  const mask = (address.kind() === 'ipv4' ? IPv4 : IPv6).subnetMaskFromPrefixLength(bits);
  return String.fromCharCode(...address.toByteArray(), ...mask.toByteArray());
}
