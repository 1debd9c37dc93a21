/** Monospace text in a box that scrolls; it takes the focus, so that it scrolls with the keyboard, too (WCAG 2.1.1). */
export function ScrollText(props: { label: string; text: string; className: string | undefined }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without it the keyboard could not scroll the box.
    <section aria-label={props.label} tabIndex={0} className={props.className}>
      <pre style={{ margin: 0, whiteSpace: 'inherit' }}>{props.text}</pre>
    </section>
  )
}
