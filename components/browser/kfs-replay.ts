export class KfsReplay extends HTMLElement {}
