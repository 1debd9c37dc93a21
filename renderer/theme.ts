import {
  ActionIcon,
  Alert,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Input,
  Menu,
  Modal,
  Notification,
  PasswordInput,
  rem,
  Switch,
  Table,
  Tabs,
  Tooltip,
} from '@mantine/core'

const SANS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", Cantarell, "Liberation Sans", Arial, sans-serif'
const MONO =
  'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace'

/** Heights and letters of a dense tool: 30 px controls, 13 px text. */
const control = { height: rem(30), font: rem(13) }

export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 7 },
  fontFamily: SANS,
  fontFamilyMonospace: MONO,
  fontSizes: { xs: rem(12), sm: rem(13), md: rem(13), lg: rem(16), xl: rem(20) },
  spacing: { xs: rem(8), sm: rem(12), md: rem(16), lg: rem(24), xl: rem(32) },
  radius: { xs: rem(3), sm: rem(4), md: rem(6), lg: rem(8), xl: rem(16) },
  defaultRadius: 'md',
  respectReducedMotion: true,
  cursorType: 'pointer',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: rem(18), lineHeight: '1.35' },
      h2: { fontSize: rem(15), lineHeight: '1.4' },
      h3: { fontSize: rem(13), lineHeight: '1.45' },
    },
  },
  colors: {
    gray: [
      '#f7f7f9',
      '#f0f1f4',
      '#e5e6ea',
      '#d6d8de',
      '#c0c3cb',
      '#969aa5',
      '#686c77',
      '#4a4e57',
      '#32353c',
      '#1f2126',
    ],
    dark: [
      '#e2e4e9',
      '#bcbfc7',
      '#9da1ab',
      '#7c808b',
      '#3b3e46',
      '#2d3037',
      '#212329',
      '#18191d',
      '#121316',
      '#0b0c0e',
    ],
  },
  components: {
    Button: Button.extend({
      defaultProps: { size: 'sm' },
      vars: (_theme, props) => ({
        root:
          props.size === 'sm'
            ? { '--button-height': control.height, '--button-fz': control.font, '--button-padding-x': rem(12) }
            : {},
      }),
    }),
    Alert: Alert.extend({
      // One quiet fill for each meaning, instead of a tint of the colour.
      vars: (_theme, props) =>
        props.color === 'red' || props.color === 'yellow'
          ? {
              root: {
                '--alert-bg': props.color === 'red' ? 'var(--atek-bad-soft)' : 'var(--atek-warn-soft)',
                '--alert-color': props.color === 'red' ? 'var(--atek-bad)' : 'var(--atek-warn)',
                '--alert-bd': `1px solid ${props.color === 'red' ? 'var(--atek-bad-line)' : 'var(--atek-warn-line)'}`,
              },
            }
          : { root: {} },
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 'md' } }),
    Input: Input.extend({
      vars: () => ({ wrapper: { '--input-height': control.height, '--input-fz': control.font } }),
    }),
    InputDescription: Input.Description.extend({
      vars: () => ({ description: { '--input-description-size': rem(12) } }),
    }),
    InputError: Input.Error.extend({ vars: () => ({ error: { '--input-error-size': rem(12) } }) }),
    PasswordInput: PasswordInput.extend({
      defaultProps: { visibilityToggleButtonProps: { 'aria-label': 'Show what is typed', tabIndex: 0 } },
    }),
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } }),
    Switch: Switch.extend({ defaultProps: { withThumbIndicator: false } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        radius: 'lg',
        shadow: 'lg',
        transitionProps: { duration: 120 },
        closeButtonProps: { 'aria-label': 'Close' },
        overlayProps: { backgroundOpacity: 0.45 },
      },
    }),
    Menu: Menu.extend({
      defaultProps: {
        shadow: 'md',
        position: 'bottom-end',
        transitionProps: { duration: 100 },
        // A menu may hold items only (WAI-ARIA); the placeholder is none. The first item takes the focus.
        withInitialFocusPlaceholder: false,
      },
    }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 350, withArrow: false, transitionProps: { duration: 100 }, fz: 'xs' },
    }),
    Table: Table.extend({ defaultProps: { verticalSpacing: rem(6), horizontalSpacing: 'sm' } }),
    Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
  },
})

/**
 * Colours that carry meaning, for both schemes, each at least 4.5:1 on the window's background as text (WCAG 1.4.3).
 * Mantine's own `dimmed` and `placeholder` are paler than that.
 */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-text': '#1f2126',
    '--mantine-color-dimmed': '#5d616c',
    '--mantine-color-placeholder': '#6b6f7a',
    '--mantine-color-error': '#c22525',
    '--mantine-color-anchor': '#3b5bdb',
    '--mantine-color-default-border': '#d6d8de',
    '--mantine-color-default-hover': '#f5f5f8',
    '--mantine-color-indigo-light': '#eef1ff',
    '--mantine-color-indigo-light-hover': '#e1e7ff',
    '--mantine-color-indigo-light-color': '#3449b8',
    '--atek-rail': '#f5f5f8',
    '--atek-raised': '#fafafb',
    '--atek-line': '#e5e6ea',
    '--atek-hover': '#f3f4f7',
    '--atek-selected': '#e7ecff',
    '--atek-good': '#1d7a38',
    '--atek-bad': '#c22525',
    '--atek-warn': '#95590a',
    '--atek-info': '#3553d6',
    '--atek-good-fill': '#2f9e4f',
    '--atek-bad-fill': '#e03131',
    '--atek-warn-fill': '#e8890c',
    '--atek-idle-fill': '#9da1ab',
    '--atek-info-fill': '#748ffc',
    '--atek-good-soft': '#e9f7ed',
    '--atek-bad-soft': '#fdeeee',
    '--atek-warn-soft': '#fff8e8',
    '--atek-bad-line': '#f3c9c9',
    '--atek-warn-line': '#f0dbac',
  },
  dark: {
    '--mantine-color-text': '#e2e4e9',
    '--mantine-color-dimmed': '#a0a4ae',
    '--mantine-color-placeholder': '#8d919b',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-default-border': '#3b3e46',
    '--mantine-color-anchor': '#91a7ff',
    '--mantine-color-indigo-light': '#262d4a',
    '--mantine-color-indigo-light-hover': '#2f385e',
    '--mantine-color-indigo-light-color': '#bac8ff',
    '--atek-rail': '#121316',
    '--atek-raised': '#1d1f23',
    '--atek-line': '#2a2c32',
    '--atek-hover': '#202227',
    '--atek-selected': '#272f52',
    '--atek-good': '#69db7c',
    '--atek-bad': '#ff8787',
    '--atek-warn': '#ffc55c',
    '--atek-info': '#91a7ff',
    '--atek-good-fill': '#40c057',
    '--atek-bad-fill': '#fa5252',
    '--atek-warn-fill': '#f59f00',
    '--atek-idle-fill': '#686c77',
    '--atek-info-fill': '#5c7cfa',
    '--atek-good-soft': '#17291c',
    '--atek-bad-soft': '#321b1d',
    '--atek-warn-soft': '#2a2317',
    '--atek-bad-line': '#57292c',
    '--atek-warn-line': '#4d3f1f',
  },
})
