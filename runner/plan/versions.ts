/**
 * The versions that this edition of the book is written for and tested with, by component. A plan may pin
 * another version of a component, never another component. `KFS_VERSION_<COMPONENT>` comes from here.
 */
export const VERSIONS = {
  kubernetes: '1.37.2',
  etcd: '3.7.3',
  containerd: '2.4.2',
  cni: '1.9.1',
  coredns: '1.15.0',
  registry: '3.1.2',
  crane: '0.22.1',
  local_path_provisioner: '0.0.30',
  metrics_server: '0.9.0',
  kube_network_policies: '0.8.0',
  go: '1.26.8',
} as const;

export type Component = keyof typeof VERSIONS;

export const COMPONENTS = Object.keys(VERSIONS) as Component[];
