/** Expressive Code's settings: what is copied is what is shown, byte for byte, in the book's own frame. */
import type { StarlightUserConfig } from '@astrojs/starlight/types';
import { codeThemes } from './code-theme.ts';

export const expressiveCode: StarlightUserConfig['expressiveCode'] = {
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
