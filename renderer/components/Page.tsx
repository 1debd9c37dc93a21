import { Title } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import classes from './Page.module.css'

interface PageProps {
  title: string
  /** Beside the title: search, chips. */
  tools?: ReactNode
  /** At the right end: what the screen is for. */
  actions?: ReactNode
  /** A screen that scrolls inside itself, such as a grid, gets no padding and no scrollbar. */
  fill?: boolean
  children: ReactNode
}

/** The bones of every screen: a header that stays and a body that scrolls. */
export function Page(props: PageProps) {
  useDocumentTitle(`${props.title} – Atek`)
  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <Title order={1}>{props.title}</Title>
        <div className={classes.grow}>{props.tools}</div>
        {props.actions}
      </header>
      {props.fill === true ? (
        props.children
      ) : (
        <div className={classes.body}>
          <div className={classes.padded}>{props.children}</div>
        </div>
      )}
    </div>
  )
}

/** For what stands in the middle of an otherwise empty body. */
export function Centred(props: { children: ReactNode }) {
  return <div className={classes.centred}>{props.children}</div>
}
