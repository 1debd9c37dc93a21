import { Badge, Text, Title } from '@mantine/core'
import type { AppDetails, AppSummary, SourceType } from '../../../runtime/contract/models.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { RelativeTime } from '../../components/RelativeTime.tsx'
import { Safe } from '../../components/Safe.tsx'
import { ActivityBars } from '../../components/Sparkline.tsx'
import { visible } from '../../format/text.ts'
import { ownerLabel } from '../Apps/app-list.ts'
import { AppCharts } from '../Traffic/charts/AppCharts.tsx'
import classes from './App.module.css'
import { Measures } from './Measures.tsx'
import { VersionUpdate } from './VersionUpdate.tsx'

export const SOURCE_WORDS: Record<SourceType, string> = {
  file: 'Folder, run in place',
  git: 'Git repository',
  npm: 'npm package',
  example: 'Bundled example',
  upstream: 'Runs at its own address',
}

/** What the app is and how it does. */
export function Overview(props: { app: AppSummary; details: AppDetails | undefined; error: unknown }) {
  const { app, details, error } = props
  return (
    <div className={classes.columns}>
      {error !== null && <ErrorNotice error={error} />}
      <section className={classes.box}>
        <Title order={2}>About</Title>
        {app.description !== '' && (
          <Text mb="sm">
            <Safe text={app.description} />
          </Text>
        )}
        <dl className={classes.facts}>
          <dt id="service-key-label">Service key</dt>
          <dd>
            <div className={classes.key}>
              <output className={classes.mono} aria-labelledby="service-key-label">
                {app.key}
              </output>
              <CopyButton text={app.key} label="Copy service key" />
            </div>
          </dd>
          <dt>Address</dt>
          <dd className={classes.mono}>{visible(app.address)}</dd>
          <dt>Owner</dt>
          <dd>
            <Safe text={ownerLabel(app)} />
          </dd>
          {details !== undefined && <More details={details} />}
        </dl>
      </section>
      <div style={{ display: 'grid', gap: 16 }}>
        <section className={classes.box}>
          <Title order={2}>Now</Title>
          {app.sourceType === 'upstream' ? (
            <Text size="sm">It runs elsewhere, so its memory and uptime are not known here.</Text>
          ) : (
            <Measures process={app.process} restarts={details?.restarts ?? 0} />
          )}
          <Text size="xs" c="dimmed" mt="md" mb={4}>
            Requests in the last 5 minutes
          </Text>
          <ActivityBars requests={app.activity.requests} errors={app.activity.errors} width={320} height={44} />
        </section>
        {app.may.manage && (
          <section className={classes.box}>
            <Title order={2}>Last 10 minutes</Title>
            <AppCharts appKey={app.key} />
          </section>
        )}
        {details !== undefined && <Offers details={details} />}
      </div>
    </div>
  )
}

function More(props: { details: AppDetails }) {
  const { details } = props
  const elsewhere = details.sourceType === 'upstream'
  return (
    <>
      <dt>Source</dt>
      <dd>
        {SOURCE_WORDS[details.sourceType]}
        <div className={classes.mono}>{visible(details.sourceUrl.replace(/^upstream:/, ''))}</div>
      </dd>
      {!elsewhere && (
        <>
          <dt>Version</dt>
          <dd>
            {visible(details.version ?? 'Not stated')}
            {details.desiredVersion !== null && ` (wanted: ${visible(details.desiredVersion)})`}
            {details.may.manage && details.sourceType !== 'file' && (
              <VersionUpdate key={details.version} app={details} />
            )}
          </dd>
        </>
      )}
      {details.author !== null && (
        <>
          <dt>Author</dt>
          <dd>
            <Safe text={details.author} />
          </dd>
        </>
      )}
      {details.license !== null && (
        <>
          <dt>License</dt>
          <dd>
            <Safe text={details.license} />
          </dd>
        </>
      )}
      <dt>Installed</dt>
      <dd>
        <RelativeTime at={details.installedAt} />
      </dd>
      {!elsewhere && (
        <>
          <dt>Code</dt>
          <dd className={classes.mono}>{visible(details.folder)}</dd>
          <dt>Data</dt>
          <dd className={classes.mono}>{visible(details.dataFolder)}</dd>
        </>
      )}
    </>
  )
}

function Offers(props: { details: AppDetails }) {
  const { exports } = props.details
  return (
    <section className={classes.box}>
      <Title order={2}>Offers to other apps</Title>
      {exports.length === 0 ? (
        <Text c="dimmed">Nothing. Other apps cannot call it through the host.</Text>
      ) : (
        <dl className={classes.facts}>
          {exports.map((offer) => (
            <div key={`${offer.api} ${offer.path} ${offer.transport}`} style={{ display: 'contents' }}>
              <dt className={classes.mono}>{visible(offer.api)}</dt>
              <dd>
                <span className={classes.mono}>{visible(offer.path)}</span>{' '}
                <Badge size="xs" variant="default" tt="none">
                  {offer.transport === 'rpc' ? 'calls' : 'stream'}
                </Badge>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}
