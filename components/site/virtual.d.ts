declare module 'virtual:book' {
  export const outline: import('./outline.ts').ShownOutline;
  export const glossary: import('./glossary.ts').GlossaryTerm[];
}
