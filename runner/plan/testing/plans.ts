/** Small plans for tests, as text: one machine, and three. */
export const ONE = `\
name: home
network:
  subnet: 192.168.1.0/24
  router: 192.168.1.1
  workstation: 192.168.1.10
api:
  address: 192.168.1.20
machines:
  - name: n1
    mac: 52:54:00:00:00:01
    address: 192.168.1.21
    roles: [etcd, control, storage, node]
    disk: /dev/vda
    data: [/dev/vdb]
`;

const more = (index: number): string => `\
  - name: n${index}
    mac: 52:54:00:00:00:0${index}
    address: 192.168.1.2${index}
    roles: [etcd, control, storage, node]
    disk: /dev/vda
    data: [/dev/vdb]
`;

export const THREE = ONE + more(2) + more(3);

/** The text with one line changed; throws when the line is not there, so that no test is about nothing. */
export function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the plan has no ${from}`);
  return text.replace(from, to);
}
