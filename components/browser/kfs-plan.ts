export class KfsPlan extends HTMLElement {}
