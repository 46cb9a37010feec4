export class KfsCertificates extends HTMLElement {}
