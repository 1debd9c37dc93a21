import { Alert, Button, Checkbox, Code, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconAlertTriangle, IconScript } from '@tabler/icons-react'
import type { FormEvent } from 'react'
import type { ExampleInfo, InstallReview, Me } from '../../../runtime/contract/models.ts'
import { AppIcon } from '../../components/AppIcon.tsx'
import { ErrorNotice } from '../../components/ErrorNotice.tsx'
import { FACTS } from '../../components/IdentityHeaders.tsx'
import { Safe } from '../../components/Safe.tsx'
import { ScriptList } from '../../components/ScriptList.tsx'
import { plural, visible } from '../../format/text.ts'
import { hostStore } from '../../state/panel.ts'
import { QUERY, queryClient } from '../../state/queries.ts'
import { useStore } from '../../state/store.ts'
import classes from './Install.module.css'
import { OwnerSelect } from './OwnerSelect.tsx'
import type { Install } from './use-install.ts'

/** What would be installed, before anything is: who wrote it, what it offers, what it would run. */
export function ReviewStep(props: { me: Me; install: Install; review: InstallReview }) {
  const { me, install, review } = props
  const host = useStore(hostStore, (status) => status)
  const scripts = Object.entries(review.scripts)
  const elsewhere = review.sourceType === 'upstream'
  const aboutId = install.error !== null && ['ID_TAKEN', 'BAD_INPUT'].includes(install.error.code)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    install.install()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <div className={classes.head}>
          <AppIcon icon={exampleIcon(review)} title={review.title} colourKey={review.suggestedId} size={44} />
          <div>
            <Title order={2}>
              <Safe text={review.title} />
            </Title>
            <Text c="dimmed">
              {elsewhere ? (
                'It runs at its own address. Nothing is installed on this computer.'
              ) : review.author === null ? (
                'Author not stated'
              ) : (
                <>
                  By <Safe text={review.author} />
                </>
              )}
              {review.version !== null && (
                <>
                  {' '}
                  · version <Safe text={review.version} />
                </>
              )}
              {review.license !== null && (
                <>
                  {' '}
                  · <Safe text={review.license} />
                </>
              )}
            </Text>
          </div>
        </div>
        {review.description !== '' && (
          <Text>
            <Safe text={review.description} />
          </Text>
        )}
        {review.warnings.map((warning) => (
          <Alert key={warning} color="yellow" variant="light" icon={<IconAlertTriangle size={18} />} py="xs">
            {visible(warning)}
          </Alert>
        ))}
        <dl className={classes.facts}>
          <dt>{elsewhere ? 'Runs at' : 'Source'}</dt>
          <dd>
            <Code>{visible(review.sourceUrl.replace(/^upstream:/, ''))}</Code>
          </dd>
          {review.packageName !== null && (
            <>
              <dt>Package</dt>
              <dd>
                <Code>{visible(review.packageName)}</Code>
              </dd>
            </>
          )}
          {elsewhere ? (
            <>
              <dt>Identity headers</dt>
              <dd>
                {install.identityHeaders.length === 0
                  ? 'Atek-Auth-User and Atek-Auth-Service only'
                  : install.identityHeaders.map(({ name, fact }, index) => (
                      // biome-ignore lint/suspicious/noArrayIndexKey: names may be empty or twice there before they are checked.
                      <div key={index}>
                        <Code>{visible(name)}</Code> {FACTS[fact]}
                      </div>
                    ))}
              </dd>
            </>
          ) : (
            <>
              <dt>Dependencies</dt>
              <dd>{review.dependencies === 0 ? 'None' : plural(review.dependencies, 'package')}</dd>
              <dt>Offers to other apps</dt>
              <dd>
                {review.exports.length === 0
                  ? 'Nothing'
                  : review.exports.map((offer) => (
                      <div key={`${offer.api} ${offer.path}`}>
                        <Code>{visible(offer.api)}</Code> at <Code>{visible(offer.path)}</Code>
                      </div>
                    ))}
              </dd>
              <dt>Scripts at installation</dt>
              <dd>{scripts.length === 0 ? 'None' : plural(scripts.length, 'script')}</dd>
            </>
          )}
        </dl>
        {scripts.length > 0 && (
          <Alert color="yellow" variant="light" icon={<IconScript size={18} />} title="It wants to run scripts">
            These run on this computer with your rights while it is installed. Without them it may not work.
            <ScriptList scripts={review.scripts} />
            <Checkbox
              mt="sm"
              size="xs"
              label="Run these scripts"
              checked={install.allowScripts}
              onChange={(event) => install.setAllowScripts(event.currentTarget.checked)}
            />
          </Alert>
        )}
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <TextInput
            label="App ID"
            description={host === null ? undefined : `http://${install.id || '…'}.${host.domain}:${host.port}`}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            value={install.id}
            onChange={(event) => install.setId(event.currentTarget.value.toLowerCase())}
            data-autofocus={elsewhere || aboutId || undefined}
            error={aboutId ? visible(install.error?.message ?? '') : null}
            autoComplete="off"
            spellCheck={false}
          />
          <OwnerSelect me={me} value={install.owner} onChange={install.setOwner} />
        </Group>
        {install.error !== null && !aboutId && <ErrorNotice error={install.error} />}
        <Group justify="space-between" className={classes.actions}>
          <Button variant="default" onClick={install.back}>
            Back
          </Button>
          <Group gap="xs">
            <Button variant="default" onClick={install.close}>
              Cancel
            </Button>
            <Button
              type="submit"
              disabled={install.id.trim() === ''}
              data-autofocus={(!elsewhere && !aboutId) || undefined}
            >
              Install
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  )
}

/** A review carries no picture; that of a bundled example is known. */
function exampleIcon(review: InstallReview): string | null {
  const examples = queryClient.getQueryData<ExampleInfo[]>(QUERY.examples)
  return examples?.find((example) => example.sourceUrl === review.sourceUrl)?.icon ?? null
}
