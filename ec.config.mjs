/** Read by Expressive Code for the fences of chapters and for its `<Code>` component alike. */
export { expressiveCode as default } from './components/site/code.ts';
