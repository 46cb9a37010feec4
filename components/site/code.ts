/** Expressive Code's settings: what is copied is what is shown, byte for byte, in the book's own frame. */

import type { ExpressiveCodePlugin } from '@astrojs/starlight/expressive-code';
import type { StarlightUserConfig } from '@astrojs/starlight/types';
import { codeThemes } from './code-theme.ts';

/**
 * A block that scrolls becomes a landmark in the browser, and a landmark needs a name of its own: its first line, its
 * length, and its number on the page, for many begin with the same line.
 */
const named: ExpressiveCodePlugin = {
  name: 'named-blocks',
  hooks: {
    postprocessRenderedBlock({ codeBlock, renderData }) {
      const lines = codeBlock.code.trimEnd().split('\n');
      const pre = renderData.blockAst.children.find(
        child => child.type === 'element' && child.tagName === 'pre',
      );
      if (pre?.type !== 'element') return;
      const size = lines.length === 1 ? '' : ` (${lines.length} lines)`;
      const index = codeBlock.parentDocument?.positionInDocument?.groupIndex;
      const number = index === undefined ? '' : `, block ${index + 1}`;
      Object.assign(pre.properties, { role: 'group', ariaLabel: `${lines[0]}${size}${number}` });
    },
  },
};

export const expressiveCode: StarlightUserConfig['expressiveCode'] = {
  plugins: [named],
  themes: codeThemes as never,
  useStarlightUiThemeColors: false,
  // Tabs stay tabs, and comments are copied too: the copied text is the executed text.
  tabWidth: 0,
  frames: { removeCommentsWhenCopyingTerminalFrames: false },
  // A step is no terminal window: no title bar with three dots.
  defaultProps: { frame: 'none' },
  styleOverrides: {
    codeFontFamily: 'var(--mono)',
    codeFontSize: '0.84375rem',
    codeLineHeight: '1.62',
    codePaddingBlock: '0.9rem',
    codePaddingInline: '1.1rem',
    uiFontFamily: 'var(--interface)',
    uiFontSize: '0.8125rem',
    borderRadius: 'var(--radius)',
    borderColor: 'var(--hairline)',
    borderWidth: '1px',
    focusBorder: 'var(--accent)',
    frames: { frameBoxShadowCssValue: 'none', inlineButtonForeground: 'var(--ink-soft)' },
  },
};
