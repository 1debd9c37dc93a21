// biome-ignore-all lint/a11y/noNoninteractiveTabindex: the keyboard scrolls what has the focus.
// biome-ignore-all lint/a11y/useKeyWithClickEvents: only links inside are clicked, which the keyboard does, too.
// biome-ignore-all lint/a11y/noNoninteractiveElementInteractions: it only catches what its links do.
import { SegmentedControl } from '@mantine/core'
import { marked } from 'marked'
import { type MouseEvent, useMemo } from 'react'
import { useLocation } from 'wouter'
import { Page } from '../../components/Page.tsx'
import classes from './Docs.module.css'
import { DOCS, docPath } from './docs.ts'

/** The documentation, as it also stands beside the code. */
export function DocsScreen(props: { page: string }) {
  const [, navigate] = useLocation()
  const doc = DOCS.find((known) => known.page === props.page) ?? DOCS[0]
  // The screen has the document's title; its own first heading would say it twice.
  const html = useMemo(() => toHtml(doc.text.replace(/^# .*\n/, '')), [doc])

  // A document's links to its neighbours are file names. Others lead out of the panel, which it does not follow.
  const onClick = (event: MouseEvent) => {
    const href = event.target instanceof Element ? event.target.closest('a')?.getAttribute('href') : null
    if (href === null || href === undefined) return
    event.preventDefault()
    const neighbour = DOCS.find(({ page }) => href === `${page}.md`)
    if (neighbour !== undefined) navigate(docPath(neighbour.page))
  }
  return (
    <Page
      title={doc.label}
      actions={
        <SegmentedControl
          aria-label="Document"
          size="xs"
          value={doc.page}
          onChange={(page) => navigate(`/docs/${page}`)}
          data={DOCS.map(({ page, label }) => ({ value: page, label }))}
        />
      }
    >
      <article
        className={classes.text}
        aria-label={doc.label}
        tabIndex={0}
        onClick={onClick}
        // biome-ignore lint/security/noDangerouslySetInnerHtml: the text is this project's own, fixed when it is built.
        dangerouslySetInnerHTML={{ __html: html }}
      />
    </Page>
  )
}

/** Code that is wider than the column scrolls, which a keyboard can only do where the focus can be. */
function toHtml(markdown: string): string {
  return marked.parse(markdown, { async: false }).replaceAll('<pre>', '<pre tabindex="0">')
}
