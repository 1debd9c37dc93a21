import { Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Me } from '../../../runtime/contract/models.ts'
import { Page } from '../../components/Page.tsx'
import { DesktopSettings } from './DesktopSettings.tsx'
import { HostSettings } from './HostSettings.tsx'
import { MainApp } from './MainApp.tsx'
import { MySessions } from './MySessions.tsx'
import { MyTokens } from './MyTokens.tsx'
import classes from './Settings.module.css'
import { Whereabouts } from './Whereabouts.tsx'

export function SettingsScreen(props: { me: Me; keychain: boolean }) {
  return (
    <Page title="Settings">
      <div className={classes.column}>
        <Section title="This window">
          <DesktopSettings />
        </Section>
        {props.me.user.role === 'admin' && (
          <Section title="Host">
            <HostSettings />
          </Section>
        )}
        <Section title="My browser">
          <MainApp />
        </Section>
        <Section title="My sessions">
          <MySessions />
        </Section>
        <Section title="API tokens">
          <MyTokens />
        </Section>
        <Section title="Where things are">
          <Whereabouts keychain={props.keychain} />
        </Section>
      </div>
    </Page>
  )
}

function Section(props: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section} aria-label={props.title}>
      <Title order={2}>{props.title}</Title>
      {props.children}
    </section>
  )
}
