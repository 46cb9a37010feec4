declare module 'virtual:book' {
  export const outline: import('./outline.ts').ShownOutline;
  export const glossary: import('./glossary.ts').GlossaryTerm[];
  export const files: import('./written-files.ts').WrittenFiles;
  export const ports: import('./opened-ports.ts').PortRow[];
  export const loopback: import('./loopback.ts').LoopbackRow[];
  export const times: import('./times.ts').Times | undefined;
}
