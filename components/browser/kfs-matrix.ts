export class KfsMatrix extends HTMLElement {}
