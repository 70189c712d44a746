import {
  type CSSVariablesResolver,
  createTheme,
  type MantineColor,
  type MantineColorsTuple,
} from "@mantine/core"

// Petrol: calm beside the mail it stands next to; white on shade 7 and deeper is at least 4.5 : 1.
const petrol: MantineColorsTuple = [
  "#e8f7fa",
  "#d3edf2",
  "#a5dbe5",
  "#73c7d7",
  "#4cb6cb",
  "#2b9fb6",
  "#16879e",
  "#0b7285",
  "#095f70",
  "#064b59",
]

export const theme = createTheme({
  colors: { petrol },
  primaryColor: "petrol",
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  luminanceThreshold: 0.28,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: "650" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  focusRing: "auto",
  components: {
    // Only menu items may stand in a menu (axe: aria-required-children).
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Badge: { defaultProps: { tt: "none", fw: 550 } },
    // The list itself scrolls, not a box in it that no key could reach (axe: scrollable-region-focusable).
    Select: {
      defaultProps: { withScrollArea: false, styles: { options: { maxHeight: 320, overflowY: "auto" } } },
    },
  },
})

const TINTED: MantineColor[] = ["petrol", "gray", "red", "green", "yellow", "orange", "blue", "teal"]

/** Mantine's own tints miss 4.5 : 1 (WCAG 2.2, 1.4.3) in places; these do not. */
export const contrasts: CSSVariablesResolver = () => {
  const light = TINTED.flatMap(color => [
    [`--mantine-color-${color}-light-color`, `var(--mantine-color-${color}-9)`],
    [`--mantine-color-${color}-outline`, `var(--mantine-color-${color}-9)`],
    [`--mantine-color-${color}-text`, `var(--mantine-color-${color}-9)`],
  ])
  const dark = TINTED.flatMap(color => [
    [`--mantine-color-${color}-light-color`, `var(--mantine-color-${color}-2)`],
    [`--mantine-color-${color}-outline`, `var(--mantine-color-${color}-3)`],
    [`--mantine-color-${color}-text`, `var(--mantine-color-${color}-3)`],
  ])
  // White on Mantine's red 7 is 3.8 : 1.
  const filled = {
    "--mantine-color-red-filled": "var(--mantine-color-red-9)",
    "--mantine-color-red-filled-hover": "#b02525",
  }
  return {
    variables: {},
    light: {
      ...Object.fromEntries(light),
      ...filled,
      "--mantine-color-green-light-color": "#1b5e2a",
      "--mantine-color-yellow-light-color": "#6b4300",
      "--mantine-color-orange-light-color": "#8a2f04",
      "--mantine-color-dimmed": "#51585e",
      "--mantine-color-placeholder": "#646b72",
      "--mantine-color-error": "#b3211d",
      "--mantine-color-anchor": "var(--mantine-color-petrol-8)",
    },
    dark: {
      ...Object.fromEntries(dark),
      ...filled,
      "--mantine-color-dimmed": "#b3b7bc",
      "--mantine-color-placeholder": "#a0a4a9",
      "--mantine-color-error": "#ff9d9d",
      "--mantine-color-anchor": "var(--mantine-color-petrol-3)",
    },
  }
}
