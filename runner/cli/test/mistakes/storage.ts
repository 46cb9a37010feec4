/** Mistakes with the volumes. */
import type { Mistake } from './mistake.ts';

const chapter = 'one-machine/storage';

export const STORAGE: Mistake[] = [
  {
    title: 'the class has another name of the provisioner than its flag',
    chapter,
    make: {
      workstation: `kubectl delete deployment/writer pvc/desk --namespace=book
kubectl get storageclass shared --output=yaml |
  sed --expression='s#^provisioner: .*#provisioner: kubernetes-from-scratch/share#' \\
    --expression='/uid:/d' --expression='/resourceVersion:/d' >class.yaml
kubectl delete storageclass shared
kubectl create --filename=class.yaml
kubectl apply --filename=- <<CLAIM
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: desk, namespace: book }
spec:
  accessModes: [ReadWriteMany]
  resources: { requests: { storage: 8Mi } }
CLAIM
timeout 60 bash -c 'until kubectl events --for=pvc/desk --namespace=book | grep "Waiting for a volume"; do sleep 2; done'`,
    },
    try: ['check', 'storage-claim'],
    ask: { workstation: 'kubectl events --for=pvc/desk --namespace=book' },
    row: 'Waiting for a volume to be created either by the external provisioner …',
    cure: 'row',
    tidy: { workstation: 'rm class.yaml; kfs run storage-writer --force' },
  },
];
