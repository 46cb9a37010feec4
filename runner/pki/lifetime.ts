/** Less than a third of its life is left: time enough to mend whatever stands in the way of renewing it. */
export function isDue(notBefore: Date, notAfter: Date, now: Date): boolean {
  return notAfter.getTime() - now.getTime() < (notAfter.getTime() - notBefore.getTime()) / 3;
}
